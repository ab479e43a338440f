// Be the scheduler, in a page. The puzzles are data that a checker has made from the lessons' own
// files (`cargo run -p tidy --example capture`): all states, and what each choice leads to. Each is
// a script of its own and not a file that is fetched, so that the page works from a disk as well.
"use strict";

const stepper = (() => {
    const root = document.getElementById("stepper");
    const here = document.currentScript.src.replace(/[^/]*$/, "");
    const names = root ? root.dataset.puzzles.split(" ") : [];
    const puzzles = new Map();
    const solved = new Set();
    const words = { r: "ready", w: "ready", b: "blocked", d: "done" };

    // The game: the puzzle's name and data, and its moves. Each move has the state that it leads
    // to, its steps, the thread that ran last, and the preemptions so far.
    let game = null;

    function element(tag, attributes, ...children) {
        const made = document.createElement(tag);
        for (const [name, value] of Object.entries(attributes)) {
            if (typeof value === "function") made.addEventListener(name, value);
            else if (value !== null && value !== false) made.setAttribute(name, value);
        }
        made.append(...children.filter(child => child !== null));
        return made;
    }

    const grouped = number => String(number).replace(/\B(?=(\d{3})+$)/g, "\u00a0");
    const plural = (number, word) => `${grouped(number)} ${word}${number === 1 ? "" : "s"}`;

    function add(name, data) {
        puzzles.set(name, data);
        if (game.name === name) begin(name);
    }

    function begin(name) {
        const data = puzzles.get(name);
        const last = data ? data.begin.at(-1)[0] : null;
        game = { name, data, moves: data ? [{ node: 0, steps: data.begin, last, preemptions: 0 }] : [] };
        if (!data) {
            const failed = () => { root.querySelector(".verdict").textContent = "This puzzle could not be loaded."; };
            document.head.append(element("script", { src: `${here}${name}.js`, error: failed }));
        }
        draw();
    }

    // The move that lets a thread run, after another move. To stop a thread that could go on is a
    // preemption.
    function move(data, before, thread) {
        const options = data.nodes[before.node].n;
        const [node, steps] = options[thread];
        const preempts = thread !== before.last && before.last in options;
        return { node, steps, last: steps.at(-1)[0], preemptions: before.preemptions + (preempts ? 1 : 0) };
    }

    function isWanted(data, node) {
        const words = node.e === undefined ? "" : data.texts[node.e];
        return node.b > 0 && (data.wanted === null || words.startsWith(data.wanted));
    }

    // The moves from one on to an end that is wanted, or else to any mistake: of those with the
    // fewest preemptions the shortest.
    function shortest(data, from, wanted) {
        const open = [{ move: from, steps: 0, way: [] }];
        const seen = new Set();
        const cost = entry => entry.move.preemptions * 1e6 + entry.steps;
        while (open.length) {
            let best = 0;
            for (let i = 1; i < open.length; i++) if (cost(open[i]) < cost(open[best])) best = i;
            const [{ move: before, steps, way }] = open.splice(best, 1);
            const key = `${before.node} ${before.last}`;
            if (seen.has(key)) continue;
            seen.add(key);
            const node = data.nodes[before.node];
            if (!node.n && wanted(node)) return way;
            for (const thread of Object.keys(node.n || {}).map(Number)) {
                const after = move(data, before, thread);
                if (data.nodes[after.node].b > 0)
                    open.push({ move: after, steps: steps + after.steps.length, way: [...way, after] });
            }
        }
        return null;
    }

    function nearest(data, from) {
        return shortest(data, from, node => isWanted(data, node)) || shortest(data, from, node => node.b > 0);
    }

    function choose(thread) {
        const node = game.data.nodes[game.moves.at(-1).node];
        if (!node.n || !(thread in node.n)) return;
        game.moves.push(move(game.data, game.moves.at(-1), thread));
        draw();
    }

    function undo() {
        if (game.moves.length > 1) game.moves.pop();
        draw();
    }

    function again() {
        game.moves.length = 1;
        draw();
    }

    function check() {
        const way = nearest(game.data, game.moves.at(-1));
        if (way) game.moves.push(...way);
        draw();
        if (!way) root.querySelector(".verdict").textContent =
            "From here no schedule ends badly: the checker has looked at all of them.";
    }

    // ---- What is seen.

    function draw() {
        const focus = document.activeElement && document.activeElement.dataset.key;
        const list = element("p", {}, ...names.map((name, index) => element("button", {
            click: () => begin(name),
            "aria-current": name === game.name && "true",
        }, `${index + 1}. ${name}${solved.has(name) ? " ✓" : ""}`)));
        root.replaceChildren(list);
        if (!game.data) {
            root.append(element("p", { class: "verdict" }, "…"));
            return;
        }
        const { data, moves } = game;
        const now = moves.at(-1);
        const node = data.nodes[now.node];
        root.append(
            element("h3", {}, data.title),
            element("p", {}, `Goal: ${data.goal}. `, prospect(data)),
            element("div", { class: "panes" }, ...node.t.map((seen, thread) => pane(data, node, seen, thread))),
            element("p", {}, [...rest(data, node), ...objects(data, node)].join("; ")),
            element("p", {},
                tool("u", "undo", undo, moves.length < 2),
                tool("r", "start again", again, moves.length < 2),
                tool("c", "let the checker go on", check, !node.n)),
            element("p", { class: "verdict", "aria-live": "polite" }, verdict(data, node, now)),
            story(data, moves));
        if (!node.n) root.append(...pictures(data, moves));
        const focused = focus && root.querySelector(`[data-key="${focus}"]:not(:disabled)`);
        if (focused) focused.focus({ preventScroll: true });
    }

    function tool(key, text, act, disabled) {
        return element("button", { click: act, disabled: disabled && "", "data-key": key }, `${text} (${key})`);
    }

    function prospect(data) {
        return data.bad === 0
            ? `It can't be broken: a checker has looked at all ${plural(data.all, "schedule")} (${plural(data.states, "state")}).`
            : `There are ${plural(data.all, "schedule")}, and ${grouped(data.bad)} of them end badly.`;
    }

    function pane(data, node, [place, text, state, serves], thread) {
        if (serves || state === "d") return null;
        const name = data.threads[thread];
        const runs = node.n && thread in node.n;
        const would = state === "w" ? ", and would have to wait" : "";
        return element("div", { class: "pane" },
            element("button", { click: () => choose(thread), disabled: !runs && "", "data-key": thread }, `run ${name} (${thread})`),
            element("p", {}, `${words[state]}: ${data.texts[text]}${would}`),
            place < 0 ? null : code(data, ...data.places[place]));
    }

    function code(data, file, line) {
        const source = data.files[file] || {};
        const numbers = Object.keys(source).map(Number).filter(number => Math.abs(number - line) <= 3);
        const indents = numbers.filter(number => source[number].trim()).map(number => source[number].search(/\S/));
        const indent = Math.min(...indents);
        const lines = numbers.map(number => element("span", { class: number === line ? "now" : "" },
            `${number === line ? ">" : " "} ${String(number).padStart(3)}  ${source[number].slice(indent)}`));
        return element("div", {}, element("small", {}, file), element("pre", {}, ...lines));
    }

    // The threads that have no pane: there is nothing to choose for them.
    function rest(data, node) {
        return node.t.flatMap(([, text, state, serves], thread) =>
            serves || state === "d" ? [`${data.threads[thread]} ${data.texts[text]}`] : []);
    }

    function objects(data, node) {
        return node.o.flatMap((text, index) => data.texts[text] ? [`${data.objects[index]}: ${data.texts[text]}`] : []);
    }

    function verdict(data, node, now) {
        if (node.n) {
            const all = node.g + node.b;
            const bad = node.b === 0 ? `none of ${plural(all, "schedule")} ends badly` : `${grouped(node.b)} of ${plural(all, "schedule")} end badly`;
            return `From here, ${bad}. Preemptions so far: ${now.preemptions}.`;
        }
        const end = data.texts[node.e];
        if (!isWanted(data, node)) return node.b > 0 ? `Broken, but not yet as it should be: ${end}.` : `Nothing is wrong: ${end}.`;
        if (data.most !== null && now.preemptions > data.most) return `Almost, but with fewer preemptions: ${end}.`;
        solved.add(game.name);
        return `You did it: ${end}.`;
    }

    function story(data, moves) {
        const told = moves.flatMap(move => move.steps).filter(([, , , , serves]) => !serves);
        const line = ([thread, , text, waits]) => {
            const parts = [data.texts[text], waits < 0 ? "" : data.texts[waits]].filter(part => part);
            return element("li", {}, `${data.threads[thread]} ${parts.join(", and ")}`);
        };
        return element("ol", { class: "story" }, ...told.map(line));
    }

    function pictures(data, moves) {
        const way = nearest(data, moves[0]);
        const all = [picture(data, "your schedule", moves)];
        const length = moves => moves.flatMap(move => move.steps).length;
        if (way && (way.at(-1).preemptions < moves.at(-1).preemptions || length(way) < length(moves.slice(1)) || !isWanted(data, data.nodes[moves.at(-1).node])))
            all.push(picture(data, "the shortest", [moves[0], ...way]));
        else if (way) all.push(element("p", {}, "No schedule with fewer preemptions does it, and none that is shorter."));
        all.push(element("p", {}, "█ runs  ░ waits  · is ready, but does not run  ^ preemption"));
        return all;
    }

    // A schedule, with a column for each step.
    function picture(data, title, moves) {
        const width = Math.max(...data.threads.map(name => name.length));
        const steps = moves.flatMap(move => move.steps);
        const rows = data.threads.map((name, thread) => {
            const cell = ([runs, states]) => runs === thread ? "█" : { r: "·", w: "·", b: "░" }[states[thread]] || " ";
            return `${name.padEnd(width)}  ${steps.map(step => cell(step).repeat(2)).join("")}`;
        });
        // A move with a preemption marks its first step.
        const marks = moves.flatMap((move, index) => move.steps.map((_, step) =>
            index > 0 && step === 0 && move.preemptions > moves[index - 1].preemptions ? "^ " : "  "));
        rows.push(" ".repeat(width + 2) + marks.join(""));
        const schedule = steps.map(([thread]) => thread).join(" ");
        return element("div", {},
            element("p", {}, `${title}: ${plural(moves.at(-1).preemptions, "preemption")}, ${plural(steps.length, "step")}: `, element("code", {}, schedule)),
            element("pre", { class: "time" }, rows.map(row => row.trimEnd()).join("\n")));
    }

    document.addEventListener("keydown", event => {
        const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
        if (typing || event.ctrlKey || event.altKey || event.metaKey || !game || !game.data) return;
        const acts = { u: undo, r: again, c: check };
        if (event.key in acts) acts[event.key]();
        else if (/^\d$/.test(event.key)) choose(Number(event.key));
        else return;
        event.preventDefault();
    });

    if (names.length) begin(names[0]);
    return { add };
})();
