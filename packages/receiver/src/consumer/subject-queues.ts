/** Which entries of a stream may be handled, so that those of a subject are handled one after another. */
export interface SubjectQueues {
  /** How many entries are known: those that may be handled, or wait for their next attempt, and those that wait for them. */
  readonly size: number;
  /** Whether an entry may be handled now; if not it waits for those before it. */
  enter(entry: QueuedEntry): boolean;
  /** The same for an entry that was handled before, and stands before those that wait. */
  reenter(entry: QueuedEntry): boolean;
  /** An entry is through: the next of its subject is ready. */
  leave(id: string): void;
  /** Takes up to `limit` entries that are ready, in the order they became so. */
  take(limit: number): readonly ReadyEntry[];
}

export interface QueuedEntry {
  readonly id: string;
  readonly subject: string | undefined;
}

export interface ReadyEntry {
  readonly id: string;
  /** Nobody has begun with it. */
  readonly isNew: boolean;
}

interface Queue {
  head: string;
  readonly followers: string[];
}

export function createSubjectQueues(): SubjectQueues {
  const queues = new Map<string, Queue>();
  const subjects = new Map<string, string>();
  const ready: ReadyEntry[] = [];

  const enterAt = ({ id, subject }: QueuedEntry, place: "push" | "unshift"): boolean => {
    if (subject === undefined) return true;
    const queue = queues.get(subject);
    if (queue?.head === id) return true;
    subjects.set(id, subject);
    if (queue === undefined) {
      queues.set(subject, { head: id, followers: [] });
      return true;
    }
    queue.followers[place](id);
    return false;
  };
  return {
    get size() {
      return subjects.size;
    },
    enter: (entry) => enterAt(entry, "push"),
    reenter: (entry) => enterAt(entry, "unshift"),
    leave: (id) => {
      const subject = subjects.get(id);
      const queue = subject === undefined ? undefined : queues.get(subject);
      if (subject === undefined || queue?.head !== id) return;
      subjects.delete(id);
      const next = queue.followers.shift();
      if (next === undefined) {
        queues.delete(subject);
        return;
      }
      queue.head = next;
      ready.push({ id: next, isNew: true });
    },
    take: (limit) => ready.splice(0, limit),
  };
}
