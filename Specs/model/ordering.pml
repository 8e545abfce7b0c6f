/*
 * The ordering protocol of Specs/consensus.md with four validators of weight 1 (F = 1, Q = 3), BYZ of them Byzantine, in views 1 to V.
 * README.md says what is abstracted and why, which property is which assertion, and how this is run.
 *
 * One process takes one step at a time: a turn of an honest validator, or a proposal by the leader of a view. What is signed once stays
 * to be had, so there are no messages, only what was signed; a step may use any certificate that the signatures allow. The Byzantine
 * validators sign everything and lead every view (an honest leader does nothing that they cannot do).
 *
 * A slot is a proposal: 1 and 2 are those of view 1, 3 and 4 those of view 2, and so on; 0 is genesis. A block has the number of the
 * slot that first proposed it.
 *
 * Switches: V, BYZ; TIP, the tip rule; STAGED, the order of steps that README.md shows to be enough. CHECK_... choose the properties
 * besides agreement and innocence. BREAK_... break one rule each.
 */
#ifndef V
#define V 3
#endif
#ifndef BYZ
#define BYZ 1
#endif
#ifndef QUORUM
#define QUORUM 3
#endif
#define HONEST (4 - BYZ)
#define NEED (QUORUM - BYZ)
#define SLOTS (2 * V + 1)
#define VIEW(s) (((s) + 1) / 2)

/* What was proposed. */
byte under[SLOTS];       /* 1 + the slot of the highest certificate in the justification; 0: not proposed */
byte again[SLOTS];       /* the block that is proposed again; 0: a fresh child of the certified block */
short line[SLOTS];       /* the block and its ancestors, a bit each */
#define BLOCK(s) (again[s] != 0 -> again[s] : (s))
#define PARENT(b) BLOCK(under[b] - 1)
#define EXTENDS(t, s) ((line[t] >> BLOCK(s)) & 1)

/* What each honest validator has signed, and where it stands. */
short voted[HONEST];     /* Vote: bit s for slot s */
short committed[HONEST]; /* CommitVote: bit s */
int gave[HONEST];        /* Timeout: 1 + the slot of the highest certificate, four bits a view */
int tips[HONEST];        /* Timeout: the slot of the tip, four bits a view */
byte view[HONEST];
byte high[HONEST];       /* the slot of the highest certificate it knows */
#define GAVE(i, w) ((gave[i] >> (4 * (w) - 4)) & 15)
#define REPORT(i, w) (GAVE(i, w) - 1)
#define TIPOF(i, w) ((tips[i] >> (4 * (w) - 4)) & 15)
#define IN(set, s) (((set) >> (s)) & 1)
/* In view v or a later one. */
#define FROM(set, v) (((set) >> (2 * (v) - 1)) != 0)
#define GAVEFROM(i, v) ((gave[i] >> (4 * (v) - 4)) != 0)

#if BYZ == 1
#define COUNT(set, s) (IN(set[0], s) + IN(set[1], s) + IN(set[2], s))
#else
#define COUNT(set, s) (IN(set[0], s) + IN(set[1], s))
#endif
#define CERTIFIED(s) ((s) == 0 || COUNT(voted, s) >= NEED)
#define FINAL(s) ((s) != 0 && COUNT(committed, s) >= NEED)


/* Scratch of one step; zero between steps. */
hidden byte i, j, s, t, w, m, ok, able, count, tip, shared;
hidden int swap;

/* ---- Timeout certificates ---- */

/* able: the honest validators whose Timeout(w) may stand in a TC whose highest certificate is q. The Byzantine report what suits them. */
inline signers(w, q) {
    able = 0; count = 0;
    for (i : 0 .. HONEST - 1) {
        if
#ifdef BREAK_LOW_TC
        :: GAVE(i, w) != 0 -> able = able | (1 << i); count++
#else
        :: GAVE(i, w) != 0 && VIEW(REPORT(i, w)) <= VIEW(q) -> able = able | (1 << i); count++
#endif
        :: else
        fi
    }
    i = 0
}

/* Whether validator i's tip in view w counts when q is the highest certificate: a child of q's block, voted for later. */
#ifdef BREAK_PARENT_VIEW
#define RELEVANT(i, w, q) (TIPOF(i, w) != 0 && VIEW(TIPOF(i, w)) > VIEW(q) && VIEW(under[BLOCK(TIPOF(i, w))] - 1) == VIEW(q))
#else
#define RELEVANT(i, w, q) (TIPOF(i, w) != 0 && VIEW(TIPOF(i, w)) > VIEW(q) && PARENT(BLOCK(TIPOF(i, w))) == BLOCK(q) && BLOCK(TIPOF(i, w)) != BLOCK(q))
#endif

/* Whether view v is above that of the tip which is proposed again. */
#ifdef BREAK_FORGED_TIP
#define OVER(v, again_) false
#else
#define OVER(v, again_) ((v) > VIEW(again_))
#endif

/* ok: some TC(w) with highest certificate q allows a fresh child of q's block (again_ = 0), or slot again_'s block once more: every tip
   of another block with a view above that slot's is skippable, which is when Q of the TC's timeouts do not report that block. */
inline allowed(w, q, again_) {
    signers(w, q);
    ok = 0;
#ifndef TIP
    ok = count >= NEED;
#else
    for (m : 1 .. 7) {
        count = IN(m, 0) + IN(m, 1) + IN(m, 2);
        if
        :: (m & able) == m && count >= 2 ->
            shared = 0;     /* 1: a tip that cannot be skipped is in the way */
            for (i : 0 .. 2) {
                if
                :: IN(m, i) && RELEVANT(i, w, q) && (again_ == 0 || (BLOCK(TIPOF(i, w)) != BLOCK(again_) && OVER(VIEW(TIPOF(i, w)), again_))) ->
                    tip = 0;    /* timeouts that report this block with this view or a later one */
                    for (j : 0 .. 2) {
                        if
#ifdef BREAK_SKIP_BY_VIEW
                        :: IN(m, j) && TIPOF(j, w) == TIPOF(i, w) -> tip++
#else
                        :: IN(m, j) && TIPOF(j, w) != 0 && BLOCK(TIPOF(j, w)) == BLOCK(TIPOF(i, w)) && VIEW(TIPOF(j, w)) >= VIEW(TIPOF(i, w)) -> tip++
#endif
                        :: else
                        fi
                    }
                    j = 0;
                    if
                    :: count + 1 - tip < 3 -> shared = 1
                    :: else
                    fi
                :: else
                fi
            }
            i = 0;
            ok = ok || !shared
        :: else
        fi
    }
    m = 0; tip = 0; shared = 0;
#endif
    able = 0; count = 0
}

/* ---- Properties ---- */

#define BITS(m) (IN(m, 0) + IN(m, 1) + IN(m, 2) + IN(m, 3))
#define FITS(set, m, s) ((!IN(m, 0) || IN(set[0], s)) && (!IN(m, 1) || IN(set[1], s)))
#define GIVES(i, m, s) (!IN(m, i) || (GAVE(i, VIEW(s) - 1) != 0 && VIEW(REPORT(i, VIEW(s) - 1)) <= VIEW(under[s] - 1)))
/* In a fork: which certificates convict whom. lo and hi are final on different branches, VIEW(lo) <= VIEW(hi). Whatever signers the
   certificates have, at least two validators signed both sides of an offence, and no honest one did. */
inline checkAccountability(lo, hi) {
    /* s: the first certified slot above lo that does not extend it; w: 3, both are commit certificates (E3); 2, both are quorum
       certificates (E2); 6, lo's commit certificate and the TC that justifies s (E6). */
    if
    :: VIEW(lo) == VIEW(hi) -> w = 3; s = hi
    :: else ->
        for (t : 1 .. 2 * V) {
            if
            :: s == 0 && VIEW(t) > VIEW(lo) && under[t] != 0 && CERTIFIED(t) && !EXTENDS(t, lo) -> s = t
            :: else
            fi
        }
        assert(s != 0);
        tip = under[s] - 1;
        if
        :: VIEW(tip) == VIEW(lo) -> w = 2; s = tip
        :: else -> assert(VIEW(tip) < VIEW(lo)); w = 6
        fi
    fi;
    for (i : 0 .. 15) {
        for (j : 0 .. 15) {
            if
            :: BITS(i) >= 3 && BITS(j) >= 3 && (w == 2 -> FITS(voted, i, lo) && FITS(voted, j, s) : FITS(committed, i, lo)) && (w != 3 || FITS(committed, j, s)) && (w != 6 || (GIVES(0, j, s) && GIVES(HONEST - 1, j, s))) ->
                assert(BITS(i & j) >= 2 && (i & j) >> HONEST << HONEST == (i & j))
            :: else
            fi
        }
    }
    i = 0; j = 0; s = 0; t = 0; w = 0; tip = 0
}

/* No two blocks are final on different branches. */
inline checkAgreement(new) {
    if
    :: FINAL(new) ->
        for (m : 1 .. 2 * V) {
            if
            :: FINAL(m) && !EXTENDS(m, new) && !EXTENDS(new, m) ->
#if BYZ == 2 && defined(CHECK_ACCOUNTABILITY)
                if
                :: VIEW(m) < VIEW(new) -> checkAccountability(m, new)
                :: else -> checkAccountability(new, m)
                fi
#else
                assert(false)
#endif
            :: else
            fi
        }
        m = 0
    :: else
    fi
}

/* A block that is certified in a view of which only one proposal exists, and of whose own view only one exists, is, or is an ancestor of,
   every block certified later. The second condition is needed: README.md, "What it found". (In up to three views no view lies between.) */
inline checkReversal() {
#ifdef CHECK_REVERSAL
    for (s : 1 .. 2 * V - 2) {
        if
        :: under[s] != 0 && CERTIFIED(s) && s % 2 == 1 && under[s + 1] == 0 && BLOCK(s) % 2 == 1 && under[BLOCK(s) + 1] == 0 ->
            for (t : 1 .. 2 * V) { assert(under[t] == 0 || VIEW(t) <= VIEW(s) || !CERTIFIED(t) || EXTENDS(t, s)) }
            t = 0
        :: else
        fi
    }
    s = 0
#else
    skip
#endif
}

/* No two signatures of validator i are an offence (E2, E3, E5, E6). */
inline checkInnocent(i) {
    for (s : 1 .. 2 * V) {
        assert(!IN(voted[i], s) || s % 2 == 0 || !IN(voted[i], s + 1));
        assert(!IN(committed[i], s) || s % 2 == 0 || !IN(committed[i], s + 1));
        for (w : VIEW(s) .. V) {
            if
            :: GAVE(i, w) != 0 ->
                assert(!IN(voted[i], s) || VIEW(REPORT(i, w)) >= VIEW(s) || VIEW(TIPOF(i, w)) >= VIEW(s));
                assert(!IN(voted[i], s) || VIEW(REPORT(i, w)) >= VIEW(under[BLOCK(s)] - 1));
                assert(!IN(committed[i], s) || VIEW(REPORT(i, w)) >= VIEW(s))
            :: else
            fi
        }
    }
    s = 0; w = 0
}

/* ---- What the turns are made of ---- */

/* The honest validators are alike: keep them sorted by their state. */
#define LESS(x, a, b, or) (x[a] < x[b] || (x[a] == x[b] && (or)))
#define BEFORE(a, b) LESS(voted, a, b, LESS(committed, a, b, LESS(gave, a, b, LESS(tips, a, b, LESS(view, a, b, high[a] < high[b])))))
#define SWAP(x, a, b) swap = x[a]; x[a] = x[b]; x[b] = swap
inline order(a, b) {
    if
    :: BEFORE(b, a) ->
        SWAP(voted, a, b); SWAP(committed, a, b); SWAP(gave, a, b); SWAP(tips, a, b); SWAP(view, a, b); SWAP(high, a, b); swap = 0
    :: else
    fi
}

inline sort() {
    order(0, 1)
#if BYZ == 1
    ;
    order(1, 2);
    order(0, 1)
#endif
}

#ifdef BREAK_COMMIT_AFTER_TIMEOUT
#define MAYCOMMIT(i, v) !FROM(committed[i], v)
#else
#define MAYCOMMIT(i, v) (!FROM(committed[i], v) && !GAVEFROM(i, v))
#endif
inline commit(i, s) {
    committed[i] = committed[i] | (1 << (s));
    checkInnocent(i);
    checkAgreement(s)
}

/* Validator i learns of the certificate of slot q. */
inline learn(i, q) {
    if
    :: VIEW(q) > VIEW(high[i]) ->
        high[i] = q;
        if
        :: view[i] <= VIEW(q) -> view[i] = VIEW(q) + 1
        :: else
        fi;
    :: else
    fi
}

#if defined(BREAK_DOUBLE_VOTE)
#define MAYVOTE(i, s) (!GAVEFROM(i, VIEW(s)) && !IN(voted[i], s))
#elif defined(BREAK_VOTE_AFTER_TIMEOUT)
#define MAYVOTE(i, s) !FROM(voted[i], VIEW(s))
#else
#define MAYVOTE(i, s) (!FROM(voted[i], VIEW(s)) && !GAVEFROM(i, VIEW(s)))
#endif

#ifdef BREAK_FORGET_HIGH
#define TOLD(i) 0
#else
#define TOLD(i) high[i]
#endif


/* ---- The turns ---- */

/* The leader of slot s's view proposes a fresh child of the block that q certifies: under the certificate of the view before, or a TC. */
#define PROPOSE(s, q) \
    :: d_step { AT(VIEW(s), 0) && under[s] == 0 && (s % 2 == 1 || under[s - 1] != 0) && VIEW(q) < VIEW(s) && CERTIFIED(q) -> \
            if \
            :: NEXT(q, s) -> ok = 1 \
            :: else -> allowed(VIEW(s) - 1, q, 0) \
            fi; \
            if \
            :: ok -> under[s] = 1 + q; line[s] = line[q] | (1 << s) \
            :: else \
            fi; \
            ok = 0 \
        }
#ifdef BREAK_STALE_CERTIFICATE
#define NEXT(q, s) true
#else
#define NEXT(q, s) (VIEW(q) == VIEW(s) - 1)
#endif

/* Under a TC whose highest certificate is q, it proposes the block of slot p once more. */
#define REPEAT(s, q, p) \
    :: d_step { AT(VIEW(s), 0) && under[s] == 0 && (s % 2 == 1 || under[s - 1] != 0) && VIEW(q) < VIEW(p) && VIEW(p) < VIEW(s) && under[p] != 0 && CERTIFIED(q) && PARENT(BLOCK(p)) == BLOCK(q) && BLOCK(p) != BLOCK(q) -> \
            allowed(VIEW(s) - 1, q, p); \
            if \
            :: ok -> under[s] = 1 + q; again[s] = BLOCK(p); line[s] = line[p] \
            :: else \
            fi; \
            ok = 0 \
        }

/* Validator i enters the view of slot s by its justification, and votes for it. */
#define VOTE(i, s) \
    :: d_step { AT(VIEW(s), 1) && under[s] != 0 && view[i] <= VIEW(s) && MAYVOTE(i, s) -> \
            learn(i, (under[s] - 1)); \
            view[i] = VIEW(s); \
            voted[i] = voted[i] | (1 << s); \
            checkInnocent(i); \
            checkReversal(); \
            sort() \
        }

/* It commit votes for the block of its highest certificate. */
#define COMMIT(i, s) \
    :: d_step { AT(VIEW(s), 2) && CERTIFIED(s) && (high[i] == s || VIEW(s) > VIEW(high[i])) && MAYCOMMIT(i, VIEW(s)) -> \
            learn(i, s); commit(i, s); sort() }

/* It gives up view w and reports the certificate of slot q. It was in that view, or enters it by the certificate of the view before or by a
   TC, and may have learned of a higher certificate before. */
#define GIVEUP(i, w_, q) \
    :: d_step { AT(w_, 3) && view[i] <= w_ && !GAVEFROM(i, w_) && VIEW(q) < w_ && CERTIFIED(q) && (q == high[i] || VIEW(q) > VIEW(high[i])) -> \
            if \
            :: view[i] == w_ || VIEW(q) == w_ - 1 -> ok = 1 \
            :: else -> signers(w_ - 1, q); ok = count >= NEED; able = 0; count = 0 \
            fi; \
            if \
            :: ok -> \
                learn(i, q); \
                view[i] = w_; \
                for (s : 1 .. 2 * V) { \
                    if \
                    :: IN(voted[i], s) && VIEW(s) > VIEW(TOLD(i)) -> tip = s \
                    :: else \
                    fi \
                } \
                gave[i] = gave[i] | ((1 + TOLD(i)) << (4 * w_ - 4)); \
                tips[i] = tips[i] | (tip << (4 * w_ - 4)); \
                s = 0; tip = 0; \
                checkInnocent(i); \
                sort() \
            :: else \
            fi; \
            ok = 0 \
        }

/* STAGED: view by view, in each first proposals, then votes, then commit votes, then timeouts. */
#ifdef STAGED
byte clock = 0;
#define AT(v, phase) (clock == 4 * (v) - 4 + (phase))
#define PASS :: d_step { clock < 4 * V - 2 -> clock++ }
#else
#define AT(v, phase) true
#define PASS
#endif

/* ---- All turns that there are ---- */

#if V == 2
#define SLOTS_(M, a) M(a, 1) M(a, 2) M(a, 3) M(a, 4)
#define PARENTS_(M, s) M(s, 0) M(s, 1) M(s, 2)
#define TIPS_(M, s, p) M(s, 0, p)
#define PROPOSALS PARENTS_(PROPOSE, 1) PARENTS_(PROPOSE, 2) PARENTS_(PROPOSE, 3) PARENTS_(PROPOSE, 4)
#define REPETITIONS REPEAT(3, 0, 1) REPEAT(3, 0, 2) REPEAT(4, 0, 1) REPEAT(4, 0, 2)
#define REPORTS(i) GIVEUP(i, 1, 0)
#elif V == 3
#define SLOTS_(M, a) M(a, 1) M(a, 2) M(a, 3) M(a, 4) M(a, 5) M(a, 6)
#define PARENTS_(M, s) M(s, 0) M(s, 1) M(s, 2) M(s, 3) M(s, 4)
#define PROPOSALS PARENTS_(PROPOSE, 1) PARENTS_(PROPOSE, 2) PARENTS_(PROPOSE, 3) PARENTS_(PROPOSE, 4) PARENTS_(PROPOSE, 5) PARENTS_(PROPOSE, 6)
#define AGAIN_(s) REPEAT(s, 0, 1) REPEAT(s, 0, 2) REPEAT(s, 0, 3) REPEAT(s, 0, 4) REPEAT(s, 1, 3) REPEAT(s, 1, 4) REPEAT(s, 2, 3) REPEAT(s, 2, 4)
#define REPETITIONS REPEAT(3, 0, 1) REPEAT(3, 0, 2) REPEAT(4, 0, 1) REPEAT(4, 0, 2) AGAIN_(5) AGAIN_(6)
#define REPORTS(i) GIVEUP(i, 1, 0) GIVEUP(i, 2, 0) GIVEUP(i, 2, 1) GIVEUP(i, 2, 2)
#else
#define SLOTS_(M, a) M(a, 1) M(a, 2) M(a, 3) M(a, 4) M(a, 5) M(a, 6) M(a, 7) M(a, 8)
#define PARENTS_(M, s) M(s, 0) M(s, 1) M(s, 2) M(s, 3) M(s, 4) M(s, 5) M(s, 6)
#define PROPOSALS PARENTS_(PROPOSE, 1) PARENTS_(PROPOSE, 2) PARENTS_(PROPOSE, 3) PARENTS_(PROPOSE, 4) \
    PARENTS_(PROPOSE, 5) PARENTS_(PROPOSE, 6) PARENTS_(PROPOSE, 7) PARENTS_(PROPOSE, 8)
#define AGAIN3_(s) REPEAT(s, 0, 1) REPEAT(s, 0, 2) REPEAT(s, 0, 3) REPEAT(s, 0, 4) REPEAT(s, 1, 3) REPEAT(s, 1, 4) REPEAT(s, 2, 3) REPEAT(s, 2, 4)
#define AGAIN4_(s) AGAIN3_(s) REPEAT(s, 0, 5) REPEAT(s, 0, 6) REPEAT(s, 1, 5) REPEAT(s, 1, 6) REPEAT(s, 2, 5) REPEAT(s, 2, 6) \
    REPEAT(s, 3, 5) REPEAT(s, 3, 6) REPEAT(s, 4, 5) REPEAT(s, 4, 6)
#define REPETITIONS REPEAT(3, 0, 1) REPEAT(3, 0, 2) REPEAT(4, 0, 1) REPEAT(4, 0, 2) AGAIN3_(5) AGAIN3_(6) AGAIN4_(7) AGAIN4_(8)
#define REPORTS(i) GIVEUP(i, 1, 0) GIVEUP(i, 2, 0) GIVEUP(i, 2, 1) GIVEUP(i, 2, 2) \
    GIVEUP(i, 3, 0) GIVEUP(i, 3, 1) GIVEUP(i, 3, 2) GIVEUP(i, 3, 3) GIVEUP(i, 3, 4)
#endif
#define TURNS(i) SLOTS_(VOTE, i) SLOTS_(COMMIT, i) REPORTS(i)

init {
    d_step {
        line[0] = 1;
        for (i : 0 .. HONEST - 1) { view[i] = 1 }
        i = 0
    }
end:
    do
    PASS
    PROPOSALS
#ifdef TIP
    REPETITIONS
#endif
    TURNS(0)
    TURNS(1)
#if BYZ == 1
    TURNS(2)
#endif
    od
}
