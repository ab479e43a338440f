use super::*;
use shuttle::sync::atomic::AtomicUsize;
use shuttle::sync::{Arc, Mutex};
use shuttle::thread;

/// So many threads that each count up once, in one operation or in two.
fn counting(threads: usize, in_one: bool) -> impl Fn(&Story) -> Verdict + Send + Sync + 'static {
    move |story| {
        let counter = Arc::new(AtomicUsize::new(0));
        let count = |number| {
            let (counter, story) = (Arc::clone(&counter), story.clone());
            thread::spawn(move || {
                if in_one {
                    counter.fetch_add(1, SeqCst);
                } else {
                    let value = counter.load(SeqCst);
                    story.tell(format!("{number} reads {value}"));
                    counter.store(value + 1, SeqCst);
                    story.tell(format!("{number} writes {}", value + 1));
                }
            })
        };
        let all: Vec<_> = (0..threads).map(count).collect();
        all.into_iter().for_each(|thread| thread.join().unwrap());
        match counter.load(SeqCst) {
            value if value == threads => Ok(()),
            value => Err(format!("{value} instead of {threads}")),
        }
    }
}

#[test]
fn without_a_bound_it_runs_as_many_schedules_as_shuttle_itself() {
    for threads in [2, 3] {
        let story = Story::default();
        let body = counting(threads, true);
        let theirs = shuttle::scheduler::DfsScheduler::new(None, false);
        let theirs = Runner::new(theirs, Config::new()).run(move || body(&story).unwrap());
        let ours = explore(Bound::all(), counting(threads, true));
        assert_eq!(
            (ours.schedules, ours.complete, ours.failing),
            (theirs, true, 0)
        );
    }
}

#[test]
fn the_search_for_the_first_failure_ends_with_it() {
    let first = explore(Bound::all().first(), counting(2, false));
    assert_eq!((first.failing, first.complete), (1, false));
    let third = Bound {
        failures: 3,
        ..Bound::all()
    };
    assert_eq!(explore(third, counting(2, false)).failing, 3);
}

#[test]
fn a_race_needs_one_preemption_and_is_told_in_four_steps() {
    let none = explore(Bound::preemptions(0), counting(2, false));
    assert!(none.complete && none.failing == 0, "{none}");
    let one = explore(Bound::preemptions(1), counting(2, false));
    assert!(one.complete && one.failing > 0, "{one}");
    let failure = one.shortest.unwrap();
    assert_eq!(failure.story.len(), 4, "{:?}", failure.story);
    assert_eq!(failure.message, "1 instead of 2");
    let again = replay(&failure.schedule, counting(2, false)).unwrap();
    assert_eq!(again, failure);
    // Of all failures it is still the one that is told.
    let all = explore(Bound::all(), counting(2, false));
    assert_eq!(all.shortest.unwrap().preemptions, 1);
}

#[test]
fn a_search_is_complete_with_its_last_schedule_and_not_before() {
    let most = |schedules| {
        let bound = Bound {
            schedules,
            ..Bound::all()
        };
        explore(bound, counting(2, true)).complete
    };
    assert_eq!([0, 18, 19].map(most), [false, false, true]);
}

#[test]
fn a_thread_that_is_alone_may_yield() {
    let found = explore(Bound::all(), |_| {
        thread::yield_now();
        Ok(())
    });
    assert_eq!((found.schedules, found.failing), (1, 0));
}

#[test]
fn code_that_is_not_deterministic_is_told_and_harms_no_later_claim() {
    let runs = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let ends = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let theirs = (Arc::clone(&runs), Arc::clone(&ends));
    let found = explore(Bound::all(), move |story| {
        // Another number of threads in each run.
        let more = theirs.0.fetch_add(1, SeqCst) % 2;
        let verdict = counting(2 + more, true)(story);
        theirs.1.fetch_add(1, SeqCst);
        verdict
    });
    // The run in which it was noticed came to its end, too.
    assert_eq!(ends.load(SeqCst), runs.load(SeqCst));
    assert!(!found.complete, "{found}");
    let message = found.shortest.unwrap().message;
    assert!(
        message.contains("not deterministic: at step 3 other"),
        "{message}"
    );
    assert_eq!(explore(Bound::all(), counting(2, true)).schedules, 19);
}

#[test]
fn code_without_an_end_fails() {
    let found = explore(Bound::preemptions(0).first(), |_| {
        let counter = AtomicUsize::new(0);
        while counter.load(SeqCst) == 0 {}
        Ok(())
    });
    assert_eq!(found.failing, 1, "{found}");
    let message = found.shortest.unwrap().message;
    assert!(message.contains("exceeded max_steps"), "{message}");
}

#[test]
#[should_panic(expected = "the schedule does not fit the code")]
fn a_schedule_of_other_code_is_no_failure() {
    replay(&[0, 0, 7, 7], counting(2, true));
}

#[test]
fn a_deadlock_is_a_failure_and_a_limit_is_no_pass() {
    let body = |_: &Story| {
        let locks = Arc::new([Mutex::new(()), Mutex::new(())]);
        let both = |first: usize| {
            let locks = Arc::clone(&locks);
            thread::spawn(move || {
                let _held = locks[first].lock().unwrap();
                drop(locks[1 - first].lock().unwrap());
            })
        };
        for thread in [both(0), both(1)] {
            thread.join().unwrap();
        }
        Ok(())
    };
    let found = explore(Bound::all(), body);
    assert!(found.complete && found.failing > 0, "{found}");
    assert!(found.shortest.unwrap().message.contains("deadlock"));
    let few = Bound {
        schedules: 2,
        ..Bound::all()
    };
    assert!(!explore(few, body).complete);
    assert!(!explore(Bound::all().first(), body).complete);
}

#[test]
fn a_claim_is_refused_if_its_verdict_its_message_or_its_scope_is_another() {
    let all = Bound::all();
    let right = || Claim::holds("one operation", all, 19, counting(2, true));
    assert_eq!(right().check().map(|explored| explored.schedules), Ok(19));
    let wrong = |words| Claim::fails("two", words, Bound::preemptions(1), 7, counting(2, false));
    let refused = |claim: Claim| claim.check().unwrap_err();
    let few = Claim {
        schedules: 18,
        ..right()
    };
    assert!(refused(few.clone()).contains("19 schedules were run"));
    assert!(!report([right(), few.clone()]).unwrap());
    assert!(report([right()]).unwrap());
    let told = super::refused([right(), few]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("one operation: 19 schedules"),
        "{told:?}"
    );
    // It does not run all 1 121 of three threads to know that they are more than 19.
    let many = Claim::holds("three", all, 19, counting(3, true));
    assert!(refused(many).starts_with("at least 20 schedules were run"));
    let less = Claim {
        bound: Bound::preemptions(1),
        ..right()
    };
    assert!(refused(less).contains("the claim is about 19"));
    // It does not hold because nothing was found before it was given up, whatever it says.
    for schedules in [5, 19] {
        let given_up = Claim {
            bound: Bound {
                schedules: 5,
                ..all
            },
            schedules,
            ..right()
        };
        assert!(refused(given_up).starts_with("OPEN"));
    }
    let fails = Claim {
        expect: Expect::Fails("1 instead"),
        ..right()
    };
    assert_eq!(refused(fails), "TRUE, and should be FALSE");
    let holds = Claim {
        expect: Expect::Holds,
        ..wrong("")
    };
    let told = refused(holds);
    assert!(told.starts_with("FALSE, and should be TRUE\n"), "{told}");
    assert!(told.contains("2. 1 reads 0\n"), "{told}");
    assert!(refused(wrong("deadlock")).starts_with("failed with \"1 instead of 2\""));
}

/// The tables of the lessons are compared with this.
#[test]
fn a_table_of_claims_has_a_row_for_each() {
    let bounds = [Bound::all(), Bound::preemptions(1), Bound::preemptions(2)];
    let claim = |bound| Claim::holds("it counts", bound, 3, counting(2, true));
    let wrong = Claim::fails("it counts", "1", Bound::all(), 4, counting(2, false));
    assert_eq!(
        table(bounds.map(claim).into_iter().chain([wrong])),
        "| it counts | true | all | 3 |\n\
         | it counts | true | at most 1 preemption | 3 |\n\
         | it counts | true | at most 2 preemptions | 3 |\n\
         | it counts | **false** | all | 4 |\n"
    );
}

#[test]
fn a_story_is_a_numbered_list() {
    let story = ["Ann reads 0", "Ben reads 0"].map(str::to_owned);
    assert_eq!(numbered(&story), "1. Ann reads 0\n2. Ben reads 0\n");
}

#[test]
fn code_that_draws_lots_fails() {
    let found = explore(Bound::all(), |_| {
        shuttle::rand::RngCore::next_u64(&mut shuttle::rand::thread_rng());
        Ok(())
    });
    let message = found.shortest.unwrap().message;
    assert!(message.contains("must not be random"), "{message}");
}
