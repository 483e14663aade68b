/** One timer that rings at the earliest time it was asked for. */
export interface Alarm {
  at(timeMs: number): void;
  stop(): void;
}

export function createAlarm(now: () => number, ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined;
  let setFor = Infinity;
  return {
    at(timeMs) {
      if (timeMs >= setFor || timeMs === Infinity) return;
      clearTimeout(timer);
      setFor = timeMs;
      timer = setTimeout(
        () => {
          setFor = Infinity;
          ring();
        },
        Math.max(0, timeMs - now()),
      );
    },
    stop() {
      clearTimeout(timer);
      setFor = -Infinity;
    },
  };
}
