import { clockScript } from "../redis/clock-script.ts";

/**
 * What is kept once for all sources: where something may be claimable. In a cluster there is none, because no script could
 * write it beside the keys of a source.
 */
export function indexKeys(prefix: string) {
  return {
    /**
     * sorted set: source and destination, with a line break between -> ms from which something may be claimable. Without a
     * destination: for any. May say too much or too early; each claim sets it right for its destination.
     */
    ready: `${prefix}:ready`,
    /** stream: a new entry says that something became claimable earlier than was known. Has only the last. */
    bell: `${prefix}:bell`,
  };
}

export type IndexKeys = ReturnType<typeof indexKeys>;

/**
 * Lua: `announce(source, names, at)` notes that something of a source may be claimable from `at` on, for each of a list of
 * destinations or, where that is empty, for any; `at` 0 is now, and rings where it is news. The last two keys are those of
 * the index. It has to come before what it announces is written, because too much in the index is but a look in vain.
 */
export const announceScript = `
local function announce(source, names, at)
  if source == '' then return end
  local ready, bell, news = KEYS[#KEYS - 1], KEYS[#KEYS], 0
  if names == '' then news = redis.call('ZADD', ready, 'LT', 'CH', at, source .. '\\n') end
  for name in string.gmatch(names, '[^\\n]+') do
    news = news + redis.call('ZADD', ready, 'LT', 'CH', at, source .. '\\n' .. name)
  end
  if news > 0 and at == 0 then redis.call('XADD', bell, 'MAXLEN', 1, '*', 's', source) end
end`;

/**
 * What the index says is claimable.
 * KEYS  ready
 * ARGV  now ms or '' (that of Redis)
 * gives what stands there
 */
export const dueScript = `#!lua flags=no-writes${clockScript}
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', tonumber(ARGV[1]) or clock())`;
