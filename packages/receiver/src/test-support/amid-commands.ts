/** Where a Redis log may end in the middle of a command, once in each command from `begun` on. */
export function amidCommands(log: Buffer, begun: number): readonly number[] {
  const ends: number[] = [];
  for (let at = begun; at !== -1 && at < log.length; at = nextCommand(log, at)) ends.push(at + 3);
  return ends;
}

/** Every command begins with how many parts it has, and its first part with how long that is: `*3\r\n$4\r\nSADD…`. */
function nextCommand(log: Buffer, at: number): number {
  const found = log
    .subarray(at + 1)
    .toString("latin1")
    .search(/(?<=\r\n)\*\d+\r\n\$\d+\r\n/);
  return found === -1 ? -1 : at + 1 + found;
}
