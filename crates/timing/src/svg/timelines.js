// Makes timelines live: to point at a bar tells its name and time, and a wheel or a pinch looks
// closer at the time around it. A drag moves, and a double click goes back to the whole. In a page
// a wheel scrolls until the picture was clicked, or with Ctrl. Without scripts nothing is missing.
(() => {
  const make = (name, attributes, parent) => {
    const node = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const key in attributes) node.setAttribute(key, attributes[key]);
    return parent.appendChild(node);
  };
  const wordsOf = bar => bar.getAttribute('aria-label') || '';

  // A time axis with the bars on it. `view` is the part that is seen, in seconds.
  const axisOf = group => {
    const [left, width, from, to] = ['left', 'width', 'from', 'to'].map(key => +group.dataset[key]);
    const right = left + width;
    const time = (x, view) => view[0] + (x - left) / width * (view[1] - view[0]);
    const bars = [...group.querySelectorAll('.bars rect')].map(rect => {
      const [x, w] = ['x', 'width'].map(key => +rect.getAttribute(key));
      const words = rect.querySelector('title');
      if (words) { rect.setAttribute('aria-label', words.textContent); words.remove(); }
      return { rect, x, w, begin: time(x, [from, to]), end: time(x + w, [from, to]) };
    });
    const still = group.querySelectorAll('.axis, .arrows, .on, .in, .over, .dark');
    const own = make('g', {}, group);
    const bottom = +group.dataset.bottom;
    const axis = { view: [from, to], time: x => time(x, axis.view), left, right };
    const unit = (to < 0.001) ? [1e6, 'µs'] : (to < 1) ? [1e3, 'ms'] : (to < 7200) ? [1, 's'] : [1 / 3600, 'h'];

    axis.look = (begin, end) => {
      const least = (to - from) / 10000;
      const length = Math.min(to - from, Math.max(least, end - begin));
      begin = Math.min(Math.max(begin, from), to - length);
      axis.view = [begin, begin + length];
      const whole = length > (to - from) * 0.999;
      for (const node of still) node.style.display = whole ? '' : 'none';
      own.replaceChildren();
      const at = t => left + (t - begin) / length * width;
      for (const bar of bars) {
        const [a, b] = whole ? [bar.x, bar.x + bar.w] : [Math.max(at(bar.begin), left), Math.min(at(bar.end), right)];
        bar.rect.style.display = b > left && a < right ? '' : 'none';
        bar.rect.setAttribute('x', a);
        bar.rect.setAttribute('width', Math.max(b - a, whole ? bar.w : 0.8));
        const name = wordsOf(bar.rect).split(' (')[0];
        if (whole || b - a < 12 + 7 * name.length || +bar.rect.getAttribute('height') < 14) continue;
        const kind = bar.rect.getAttribute('class').split(' ')[0];
        const look = { work: 'on', wait: 'over' }[kind] || 'in';
        const y = +bar.rect.getAttribute('y') + bar.rect.getAttribute('height') / 2 + 4;
        make('text', { class: look, x: a + 4, y }, own).textContent = name;
      }
      if (whole) return;
      const rough = length / 6, power = 10 ** Math.floor(Math.log10(rough));
      const step = power * [1, 2, 5, 10].find(factor => factor * power >= rough * 0.999999);
      for (let tick = Math.ceil(begin / step) * step; tick <= begin + length; tick += step) {
        const x = at(tick);
        make('line', { class: 'grid', x1: x, x2: x, y1: bottom - 4, y2: bottom + 2 }, own);
        const words = +(tick * unit[0]).toPrecision(6) + ' ' + unit[1];
        make('text', { class: 'faint', x, y: bottom + 14, 'text-anchor': 'middle' }, own).textContent = words;
      }
    };
    axis.zoom = (factor, x) => {
      const middle = axis.time(Math.min(Math.max(x, left), right));
      axis.look(middle + (axis.view[0] - middle) * factor, middle + (axis.view[1] - middle) * factor);
    };
    axis.reset = () => axis.look(from, to);
    return axis;
  };

  const live = svg => {
    svg.dataset.live = 'yes';
    const axes = new Map([...svg.querySelectorAll('g.timeline')].map(group => [group, axisOf(group)]));
    const alone = document.documentElement === svg;
    const fingers = new Map();
    let chosen = false;
    const place = event => new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const axisAt = event => axes.get(event.target.closest('g.timeline')) || [...axes.values()][0];
    const tip = make('g', {}, svg);
    const [back, words] = [make('rect', { class: 'tip', rx: 4, height: 22 }, tip), make('text', { class: 'told' }, tip)];
    tip.style.display = 'none';
    const tell = event => {
      const bar = event.target.closest('rect[aria-label]');
      tip.style.display = bar ? '' : 'none';
      if (!bar) return;
      words.textContent = wordsOf(bar);
      const [at, room] = [place(event), svg.viewBox.baseVal.width];
      const width = words.getComputedTextLength() + 16;
      const x = Math.max(4, Math.min(at.x + 10, room - width - 4));
      const y = at.y > 40 ? at.y - 32 : at.y + 18;
      for (const [key, value] of [['x', x], ['y', y], ['width', width]]) back.setAttribute(key, value);
      words.setAttribute('x', x + 8);
      words.setAttribute('y', y + 15);
    };
    svg.style.touchAction = 'pan-y';
    svg.addEventListener('wheel', event => {
      if (!(alone || chosen || event.ctrlKey)) return;
      event.preventDefault();
      axisAt(event).zoom(event.deltaY < 0 ? 0.8 : 1.25, place(event).x);
    }, { passive: false });
    svg.addEventListener('pointerdown', event => {
      chosen = true;
      fingers.set(event.pointerId, place(event).x);
    });
    svg.addEventListener('pointermove', event => {
      tell(event);
      if (!fingers.has(event.pointerId)) return;
      const [axis, before, now] = [axisAt(event), fingers.get(event.pointerId), place(event).x];
      fingers.set(event.pointerId, now);
      if (fingers.size > 1) {
        const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
        const [was, is] = [Math.abs(before - other), Math.abs(now - other)];
        if (was > 1 && is > 1) axis.zoom(was / is, other);
      } else {
        const moved = axis.time(before) - axis.time(now);
        axis.look(axis.view[0] + moved, axis.view[1] + moved);
      }
    });
    for (const end of ['pointerup', 'pointercancel', 'pointerleave'])
      svg.addEventListener(end, event => fingers.delete(event.pointerId));
    svg.addEventListener('pointerleave', () => { chosen = false; tip.style.display = 'none'; });
    svg.addEventListener('dblclick', event => axisAt(event).reset());
  };
  for (const svg of document.querySelectorAll('svg.timelines')) if (!svg.dataset.live) live(svg);
})();
