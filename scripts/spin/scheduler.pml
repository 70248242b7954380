/*
 * The protocol of the scheduler once more, written from docs/demand-order.md and docs/task-lifecycle.md and not from the program: one
 * step is one event from outside with all that it leads to. The graph is put in front of this file: N, SLOTS, DEPS(i, j) for a
 * dependency of i on the whole of j, PART(i, j) for one on the partial result of j, and HAS_PART(i).
 */
#define PENDING 0
#define READY 1
#define RUNNING 2
#define PARTIAL 3
#define DONE 4
#define FAILED 5
#define CANCELLED 6

#define STOPPED 0
#define BUSY 1
#define IDLE 2
#define STALLED 3

#define isLive(i) (state[i] == RUNNING || state[i] == PARTIAL)
#define isOver(i) (state[i] >= DONE)

byte state[N];
/* A first attempt was made; a dropped one has not ended; the partial result was delivered. */
bool tried[N];
bool ending[N];
bool delivered[N];
byte taken;
bool isGateOpen;
/* The queue is worth an offer: nothing has taken its last slot since one came back. */
bool hasRoom;
byte scheduler;
/* How often it has happened. */
byte failures;
byte cancels;
byte stops;

/* Work space, always zero between steps. */
hidden byte i;
hidden byte j;
hidden byte k;
hidden byte isChanged;
hidden byte lacks;
hidden byte isLost;
hidden byte path[64];
hidden byte pathLength;
hidden byte seen[N];
hidden byte best;
hidden byte unsettled;
hidden byte under;

/* Results and failures spread until nothing changes. */
inline spread() {
  isChanged = true;
  do
  :: isChanged ->
    isChanged = false;
    i = 0;
    do
    :: i < N ->
      if
      :: state[i] == PENDING ->
        lacks = false;
        isLost = false;
        j = 0;
        do
        :: j < N ->
          if
          :: DEPS(i, j) && state[j] != DONE -> lacks = true
          :: else
          fi;
          if
          :: DEPS(i, j) && (state[j] == FAILED || state[j] == CANCELLED) -> isLost = true
          :: else
          fi;
          if
          :: PART(i, j) && !delivered[j] -> lacks = true
          :: else
          fi;
          if
          :: PART(i, j) && !delivered[j] && isOver(j) -> isLost = true
          :: else
          fi;
          j++
        :: else -> break
        od;
        if
        :: isLost -> state[i] = FAILED; isChanged = true
        :: !isLost && !lacks -> state[i] = READY; isChanged = true
        :: else
        fi
      :: else
      fi;
      i++
    :: else -> break
    od
  :: else -> break
  od
}

/* The first ready task on the walk from the newest task, depth first; N if there is none. */
inline walk() {
  best = N;
  k = 0;
  do
  :: k < N -> seen[k] = false; k++
  :: else -> break
  od;
  i = N;
  do
  :: i > 0 && best == N ->
    i--;
    path[0] = i;
    pathLength = 1;
    do
    :: pathLength > 0 && best == N ->
      pathLength--;
      k = path[pathLength];
      if
      :: seen[k] || (state[k] != PENDING && state[k] != READY) -> skip
      :: else ->
        seen[k] = true;
        if
        :: state[k] == READY -> best = k
        :: else ->
          /* Dependencies are listed by number, and the first listed is visited first. */
          j = N;
          do
          :: j > 0 ->
            j--;
            if
            :: (DEPS(k, j) && state[j] != DONE) || (PART(k, j) && !delivered[j]) -> path[pathLength] = j; pathLength++
            :: else
            fi
          :: else -> break
          od
        fi
      fi
    :: else -> break
    od
  :: else -> break
  od
}

/* A running scheduler starts what it can, and says how it stands. */
inline choose() {
  if
  :: scheduler != STOPPED ->
    do
    :: hasRoom && taken < SLOTS ->
      walk();
      if
      :: best < N ->
        assert(isGateOpen);
        state[best] = RUNNING;
        tried[best] = true;
        taken++;
        hasRoom = (taken < SLOTS)
      :: else -> break
      fi
    :: else -> break
    od;
    unsettled = 0;
    under = 0;
    i = 0;
    do
    :: i < N ->
      if
      :: !isOver(i) -> unsettled++
      :: else
      fi;
      if
      :: isLive(i) || ending[i] -> under++
      :: else
      fi;
      i++
    :: else -> break
    od;
    assert(under == taken);
    if
    :: under > 0 -> scheduler = BUSY
    :: under == 0 && unsettled > 0 -> scheduler = STALLED
    :: else -> scheduler = IDLE
    fi
  :: else
  fi
}

/* Work space is put back, so that it tells no states apart. */
inline rest() {
  i = 0; j = 0; k = 0; best = 0; unsettled = 0; under = 0; pathLength = 0
}

inline giveBack() {
  taken--;
  hasRoom = true
}

inline eventsOf(t) {
  :: atomic { isLive(t) && (!HAS_PART(t) || delivered[t]) -> state[t] = DONE; giveBack(); spread(); choose(); rest() }
  :: atomic { state[t] == RUNNING && HAS_PART(t) -> state[t] = PARTIAL; delivered[t] = true; spread(); choose(); rest() }
  :: atomic { isLive(t) && failures < 1 -> failures++; state[t] = FAILED; giveBack(); spread(); choose(); rest() }
  :: atomic { !isOver(t) && cancels < 1 ->
      cancels++;
      ending[t] = isLive(t);
      state[t] = CANCELLED;
      spread();
      choose();
      rest()
    }
  :: atomic { ending[t] -> ending[t] = false; giveBack(); choose(); rest() }
}

active proctype all() {
  d_step { hasRoom = true; spread(); rest() };
end:
  do
  :: atomic { scheduler == STOPPED -> isGateOpen = true; hasRoom = true; scheduler = BUSY; choose(); rest() }
  :: atomic { scheduler != STOPPED && stops < 1 -> stops++; isGateOpen = false; hasRoom = true; scheduler = STOPPED }
  EVENTS
  od
}
