# Each recipe is one line that works without just, too.

# list the recipes
default:
    @just --list

# run a lesson: just run imgproc --filter blur
run LESSON *ARGS:
    cargo run -p {{LESSON}} -- {{ARGS}}

# practise: just practise locks, or just practise locks 2 --hint
practise LESSON *ARGS:
    cargo run -q -p {{LESSON}} --example practise-{{LESSON}} -- {{ARGS}}

# run all tests
test:
    cargo test --workspace

# measure: just bench, or just bench --bench imgproc
bench *ARGS:
    cargo bench {{ARGS}}

# what the gate checks of the code's form
lint:
    cargo fmt --all --check && cargo clippy --workspace --all-targets -- -D warnings

# look up our dependencies in the database of known faults (network needed; installs a tool first)
advisories:
    cargo install --locked cargo-audit
    cargo audit

# change the code of a crate in many places, one at a time, and see which changes no test finds (installs a tool first)
mutants CRATE *ARGS:
    cargo install --locked cargo-mutants
    cargo mutants -p {{CRATE}} --exclude '**/main.rs' --timeout 300 {{ARGS}}

# change each exercise's reference answer in many places, one at a time, and see that its check notices
answers:
    cargo test -p tidy --test mutants -- --ignored --nocapture

# take a lesson into a project of your own: just copy imgproc ../mine
copy LESSON DEST:
    mkdir -p {{DEST}} && cp -r crates/timing crates/{{LESSON}} {{DEST}}/

# build the book into docs/book, and walk through it
book:
    .ci/book

# build the lessons for Windows, and run them and their tests under Wine (Debian, root; an hour at first)
windows:
    .ci/windows

# the same for Linux on ARM, under QEMU
arm:
    .ci/arm

# draw the figures and capture the outputs again, from new runs: best on a machine that does nothing else
figures:
    cargo run -p timing --example first_timeline -- --svg crates/timing/figures/first_timeline.svg
    cargo run -p countdown -- --svg crates/countdown/figures/timeline.svg
    cargo run -p ping -- --svg crates/ping/figures/timeline.svg
    cargo run -p ping --example web_request -- --svg crates/ping/figures/web_request.svg
    cargo run -p ping --example coordinated_omission -- --svg crates/ping/figures/coordinated_omission.svg
    cargo run -p cpu-bound -- --svg crates/cpu-bound/figures/timeline.svg
    cargo run -p cpu-bound -- --work primes --svg crates/cpu-bound/figures/primes.svg
    cargo run -p cpu-bound --example responsiveness -- --svg crates/cpu-bound/figures/responsiveness.svg
    cargo run -p cpu-bound --example scaling -- --svg crates/cpu-bound/figures/scaling.svg
    cargo run -p cpu-bound --example granularity -- --svg crates/cpu-bound/figures/granularity.svg
    cargo run -p imgproc -- --zoom 50ms..150ms --svg crates/imgproc/figures/timeline.svg
    cargo run -p imgproc -- sequential rayon pipeline --filter blur --zoom 200ms..400ms --svg crates/imgproc/figures/steps.svg
    -cargo build -p imgproc -p cpu-bound --features imgproc/mpi,cpu-bound/mpi
    -mpirun --bind-to none -n 2 target/debug/imgproc mpi-static mpi --input output/imgproc/sequential --output output/mpi --force --svg crates/imgproc/figures/mpi.svg
    -mpirun --bind-to none -n 2 target/debug/cpu-bound threads mpi --work primes --svg crates/cpu-bound/figures/mpi.svg
    cargo run -p imgproc --example cluster_model -- --disk 100000 --sorted --svg crates/imgproc/figures/cluster_model.svg
    cargo run -p locks -- race mutex cas local --threads 10 --seed 5 --tick 100ms --svg crates/locks/figures/timeline.svg
    -cargo run -p locks --example deadlock -- --svg crates/locks/figures/deadlock.svg
    cargo run -p locks --example lock_order -- --svg crates/locks/figures/lock_order.svg
    cargo run -p locks --example condvar -- --svg crates/locks/figures/condvar.svg
    cargo run -p locks --example guard_lifetime -- --svg crates/locks/figures/guard_lifetime.svg
    cargo run -p philosophers -- ordered monitor chandy-misra --seed 3 --for 600ms --svg crates/philosophers/figures/timeline.svg --forks-svg crates/philosophers/figures/forks.svg
    cargo run -p philosophers -- naive --think 100ms --seed 1 --svg crates/philosophers/figures/deadlock.svg
    cargo run -p philosophers --example draw_table -- --svg crates/philosophers/figures/table.svg
    cargo run -p philosophers --example starvation -- --svg crates/philosophers/figures/starvation.svg
    cargo run -p async-scrape -- --svg crates/async-scrape/figures/timeline.svg
    cargo run -p async-scrape -- sequential --svg crates/async-scrape/figures/web_scraping.svg
    cargo run -p async-scrape -- tasks --svg crates/async-scrape/figures/async_web_scraping.svg
    cargo run -p async-scrape --example async_elements -- --svg crates/async-scrape/figures/async_elements.svg
    cargo run -p async-scrape --example simultaneous_chess -- --svg crates/async-scrape/figures/simultaneous_chess.svg
    cargo run -p async-scrape --example blocking_the_runtime -- --svg crates/async-scrape/figures/blocking_the_runtime.svg
    cargo run -p async-scrape --example backpressure -- --svg crates/async-scrape/figures/backpressure.svg
    just outputs

# run again what the book's chapters show (docs/outputs.toml), all of it or by name
outputs *NAMES:
    cargo build --workspace --bins --examples
    cargo run -p tidy --example capture -- {{NAMES}}

# the lessons' programs side by side with what a user would take instead: just peers --quick, or just peers imgproc-blur
peers *ARGS:
    python3 benches/peers/run.py {{ARGS}}
