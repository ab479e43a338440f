/* The dining philosophers once more, for spin (https://spinroot.com): an independent tool looks at
   all states, too, and must find the same as the lesson's own `ladder.rs`. The test in `../spin.rs`
   puts the number of seats and the rule before this text. */

#define left(s) (s)
#define right(s) ((s + 1) % SEATS)
/* The last seat takes its right fork first, if the rule is `ordered`. */
#define first(s) (RULE == ORDERED && s == SEATS - 1 -> right(s) : left(s))
#define second(s) (RULE == ORDERED && s == SEATS - 1 -> left(s) : right(s))

bool taken[SEATS];
bool eats[SEATS];
byte chairs = SEATS - 1;

#if RULE == HAND_OVER
byte line[SEATS];
byte waiting = 0;
bool served[SEATS];
bool asked[SEATS];

/* Gives both forks to everybody in the line who can have them, as `hand_over.rs` says. */
inline serve() {
	i = 0;
	do
	:: i < SEATS -> asked[i] = taken[i]; i++
	:: else -> break
	od;
	kept = 0;
	i = 0;
	do
	:: i < waiting ->
		who = line[i];
		if
		:: !asked[left(who)] && !asked[right(who)] ->
			taken[left(who)] = true;
			taken[right(who)] = true;
			served[who] = true
		:: else -> line[kept] = who; kept++
		fi;
		asked[left(who)] = true;
		asked[right(who)] = true;
		i++
	:: else -> break
	od;
	i = kept;
	do
	:: i < waiting -> line[i] = 0; i++
	:: else -> break
	od;
	waiting = kept;
	/* What is not needed any more must not make two states of one. */
	i = 0;
	do
	:: i < SEATS -> asked[i] = false; i++
	:: else -> break
	od;
	i = 0;
	kept = 0;
	who = 0
}
#endif

proctype philosopher(byte me) {
#if RULE == HAND_OVER
	byte i = 0;
	byte kept = 0;
	byte who = 0;
#endif
	do
	::
#if RULE == MONITOR
		atomic {
			!taken[left(me)] && !taken[right(me)] ->
			taken[left(me)] = true;
			taken[right(me)] = true
		};
#elif RULE == HAND_OVER
		d_step { line[waiting] = me; waiting++; serve() };
		atomic { served[me] -> served[me] = false };
#elif RULE == TRY_LOCK
again:
		atomic { !taken[left(me)] -> taken[left(me)] = true };
		if
		:: atomic { !taken[right(me)] -> taken[right(me)] = true }
		:: taken[right(me)] -> taken[left(me)] = false; goto again
		fi;
#else
#if RULE == WAITER
		atomic { chairs > 0 -> chairs-- };
#endif
		atomic { !taken[first(me)] -> taken[first(me)] = true };
		atomic { !taken[second(me)] -> taken[second(me)] = true };
#endif
		eats[me] = true;
		eats[me] = false;
#if RULE == MONITOR
		d_step { taken[left(me)] = false; taken[right(me)] = false }
#elif RULE == HAND_OVER
		d_step { taken[left(me)] = false; taken[right(me)] = false; serve() }
#else
		taken[second(me)] = false;
		taken[first(me)] = false;
#if RULE == WAITER
		chairs++
#endif
#endif
	od
}

init {
	byte seat = 0;
	atomic {
		do
		:: seat < SEATS -> run philosopher(seat); seat++
		:: else -> break
		od
	}
}

#if SEATS == 2
#define somebody (eats[0] || eats[1])
#elif SEATS == 3
#define somebody (eats[0] || eats[1] || eats[2])
#else
#define somebody (eats[0] || eats[1] || eats[2] || eats[3])
#endif

ltl no_livelock { []<> somebody }
ltl no_starvation {
	[]<> eats[0] && []<> eats[1]
#if SEATS > 2
	&& []<> eats[2]
#endif
#if SEATS > 3
	&& []<> eats[3]
#endif
}
