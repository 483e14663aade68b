import { clockScript } from "../redis/clock-script.ts";
import { announceScript, type IndexKeys } from "./redis-index.ts";

/*
 * What a script writes is one transaction of Redis' log, and none of it counts when the log ends within. But a Redis that
 * was cut off in the middle of a command, and loads what it has, leaves the whole commands before it in the log (until
 * Valkey's pull request 4342, "Fix malformed AOF after a short read in MULTI"): it does not have them until it is started
 * once more, and then it has. So each script writes what gives an event before what takes it away, and twice is as good as
 * once: a part of it may repeat something, and loses nothing.
 */

/**
 * The key layout, written once. All keys of a source share a hash slot (`{source}`), so that a script may use them
 * together in a cluster.
 */
export function inboxKeys(prefix: string, source: string, index?: IndexKeys) {
  const base = `${prefix}:{${source}}:`;
  return {
    /** What scripts need to keep the index: its keys, and the source; nothing where there is no index. */
    index: index === undefined ? [] : [index.ready, index.bell],
    indexedAs: index === undefined ? "" : source,
    /**
     * stream: the entries not settled; its ids are the entries' keys. Fields `m b o s`: meta (see
     * `toMeta`), body, owed, subject. Owed is a list of destinations, as `destinationList` writes it; empty: see `adopted`.
     */
    entries: `${base}entries`,
    /** hash: key of an entry that came without destinations -> whom it is owed to since it was first claimed. */
    adopted: `${base}adopted`,
    /** hash: key of an entry owed to several -> those that are through with it, as `destinationList` writes them. */
    through: `${base}through`,
    /** stream: entries that all are through with, as they were; trimmed. */
    done: `${base}done`,
    /** set: every destination that was claimed for, or is owed an entry that was looked at. */
    destinations: `${base}destinations`,
    /** stream: dead letters; an entry's fields, then `l n x d`: destination, attempts, reason, buried. */
    dead: `${base}dead`,
    /** sets of integers: ids that came in one period (a dedupe time long), by their digest. */
    seen: (period: number, bucket: number) => `${base}seen:${period}:${bucket}`,
    /** What is kept for one destination. */
    lane: (destination: string) => ({
      /** string: the last entry that was looked at for the first time. */
      cursor: `${base}cursor:${destination}`,
      /** sorted set: key of a claimed entry -> ms from which it may be claimed again. A lease and a retry are the same thing. */
      due: `${base}due:${destination}`,
      /** hash: key -> claims after the first. */
      reclaims: `${base}reclaims:${destination}`,
      /** hash: key -> the next entry of its subject, which waits for this one. */
      next: `${base}next:${destination}`,
      /** hash: subject -> its last entry. */
      last: `${base}last:${destination}`,
    }),
  };
}

export type InboxKeys = ReturnType<typeof inboxKeys>;

/** What takes entries out must also run at `maxmemory`: it is what makes room again. */
const evenWhenFull = "#!lua flags=allow-oom";

/** Destinations in a form that a script can search: `"\norders\naudit\n"`. */
export function destinationList(names: readonly string[]): string {
  return names.length === 0 ? "" : `\n${[...new Set(names)].join("\n")}\n`;
}

/**
 * Leases what is due for a destination: half from what was claimed before (retries, ended leases, the next of a
 * subject), so that neither starves the other. Entries owed to others, and those behind another of their subject, are
 * passed over: 1,000 at most in one call.
 * KEYS  entries, adopted, destinations, cursor, due, reclaims, next, last, and where there is an index: ready, bell
 * ARGV  now ms or '' (that of Redis), lease ms, limit, destination, destinations of the source, ms until which is claimed what was received, or '' (everything), source or '' (no index)
 * gives 1 when every entry has been looked at, or what follows was received later, else 0, then per entry claimed: key, attempt, how many share it, fields
 */
export const claimScript = `${evenWhenFull}${clockScript}${announceScript}
local now, lease, limit, mine, routes = tonumber(ARGV[1]) or clock(), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
local untilMs, source = tonumber(ARGV[6]), ARGV[7]
local cursor = redis.call('GET', KEYS[4])
local claimed, isLeft = {}, false
local function isLater(fields) return untilMs and cjson.decode(fields[2])[4] > untilMs end
local function owed(key, fields)
  if fields[6] ~= '' then return fields[6] end
  if redis.call('HSETNX', KEYS[2], key, routes) == 1 then announce(source, routes, 0) end
  return redis.call('HGET', KEYS[2], key)
end
local function give(key, attempt, fields)
  redis.call('ZADD', KEYS[5], now + lease, key)
  local _, marks = string.gsub(owed(key, fields), '\\n', '')
  claimed[#claimed + 1] = {key, attempt, marks - 1, fields}
end
local function again(count)
  for _, key in ipairs(redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', now, 'LIMIT', 0, count)) do
    local found = redis.call('XRANGE', KEYS[1], key, key)
    if #found == 0 then
      redis.call('ZREM', KEYS[5], key)
      redis.call('HDEL', KEYS[6], key)
    elseif not isLater(found[1][2]) then
      give(key, redis.call('HINCRBY', KEYS[6], key, 1) + 1, found[1][2])
    end
  end
end
local function isNewer(key, other)
  local ms, count = string.match(key, '(%d+)%-(%d+)')
  local otherMs, otherCount = string.match(other, '(%d+)%-(%d+)')
  if ms ~= otherMs then return tonumber(ms) > tonumber(otherMs) end
  return tonumber(count) > tonumber(otherCount)
end
local function first(key, fields)
  local subject = fields[8]
  if subject == '' then return give(key, 1, fields) end
  local last = redis.call('HGET', KEYS[8], subject)
  if not last then
    give(key, 1, fields)
  elseif isNewer(key, last) then
    redis.call('HSET', KEYS[7], last, key)
  else
    return
  end
  redis.call('HSET', KEYS[8], subject, key)
end
local known
local function know(names)
  if names == known then return end
  for name in string.gmatch(names, '[^\\n]+') do redis.call('SADD', KEYS[3], name) end
  known = names
end
local function fresh()
  local entries = redis.call('XRANGE', KEYS[1], cursor and '(' .. cursor or '-', '+', 'COUNT', limit - #claimed)
  for _, entry in ipairs(entries) do
    local key, fields = entry[1], entry[2]
    isLeft = isLater(fields)
    if isLeft then return 0 end
    local names = owed(key, fields)
    know(names)
    if string.find(names, '\\n' .. mine .. '\\n', 1, true) then first(key, fields) end
    cursor = key
  end
  return #entries
end
redis.call('SADD', KEYS[3], mine)
again(math.ceil(limit / 2))
local looked, before, isThrough = 0, cursor, false
while #claimed < limit and looked < 1000 and not isThrough do
  local count = fresh()
  isThrough = count == 0
  looked = looked + count
end
if cursor ~= before then redis.call('SET', KEYS[4], cursor) end
if #claimed < limit then again(limit - #claimed) end
local function index()
  local ready, lane, at = KEYS[#KEYS - 1], source .. '\\n' .. mine, 0
  if isThrough and not isLeft then
    at = redis.call('ZRANGE', KEYS[5], 0, 0, 'WITHSCORES')[2]
    -- All that came without destinations has been adopted, and announced to each of them.
    redis.call('ZREM', ready, source .. '\\n')
  end
  if at then redis.call('ZADD', ready, at, lane) else redis.call('ZREM', ready, lane) end
end
if source ~= '' then index() end
return {isThrough and 1 or 0, claimed}`;

/** The time, and whether the claim of `key` under `attempt` still holds; part of the scripts below. */
const fence = `${evenWhenFull}${clockScript}
local now = tonumber(ARGV[1]) or clock()
local function holds(key, attempt)
  if not redis.call('ZSCORE', KEYS[1], key) then return false end
  return tonumber(redis.call('HGET', KEYS[2], key) or '0') + 1 == tonumber(attempt)
end`;

/**
 * Extends leases for a destination.
 * KEYS  due, reclaims
 * ARGV  now ms or '' (that of Redis), lease ms, then per claim: key, attempt
 * gives per claim 1 held, 0 lost
 */
export const renewScript = `${fence}
local results = {}
for at = 3, #ARGV, 2 do
  local held = holds(ARGV[at], ARGV[at + 1])
  if held then redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[at]) end
  results[#results + 1] = held and 1 or 0
end
return results`;

/**
 * Records what became of claims for a destination.
 * KEYS  due, reclaims, next, last, entries, adopted, through, dead, done, and where there is an index: ready, bell
 * ARGV  now ms or '' (that of Redis), destination, how many that are done to keep, source or '' (no index), then per settlement: kind, key, attempt, how many share it, subject, delay ms (retry), reason (dead)
 * gives per settlement 1 recorded, 0 claim lost
 */
export const settleScript = `${fence}${announceScript}
local mine, kept, source = ARGV[2], ARGV[3], ARGV[4]
local function isThrough(key, shares)
  if shares == 1 then return true end
  local names = redis.call('HGET', KEYS[7], key) or '\\n'
  if not string.find(names, '\\n' .. mine .. '\\n', 1, true) then names = names .. mine .. '\\n' end
  redis.call('HSET', KEYS[7], key, names)
  local _, marks = string.gsub(names, '\\n', '')
  return marks > shares
end
local function leave(key, shares)
  if isThrough(key, shares) then
    if kept ~= '0' then
      local found = redis.call('XRANGE', KEYS[5], key, key)
      if #found > 0 then redis.call('XADD', KEYS[9], 'MAXLEN', kept, '*', unpack(found[1][2])) end
    end
    redis.call('XDEL', KEYS[5], key)
    redis.call('HDEL', KEYS[6], key)
    redis.call('HDEL', KEYS[7], key)
  end
  redis.call('ZREM', KEYS[1], key)
  redis.call('HDEL', KEYS[2], key)
end
local function advance(key, subject)
  local following, isLast = redis.call('HGET', KEYS[3], key), redis.call('HGET', KEYS[4], subject) == key
  if following then
    announce(source, mine, now)
    redis.call('HSET', KEYS[2], following, -1)
    redis.call('ZADD', KEYS[1], 0, following)
    -- Half a claim may have said what follows, and not that this is the last now: the next would wait for what is gone.
    if isLast then redis.call('HSET', KEYS[4], subject, following) end
    redis.call('HDEL', KEYS[3], key)
  elseif isLast then
    redis.call('HDEL', KEYS[4], subject)
  end
end
local function bury(key, attempt, reason)
  local found = redis.call('XRANGE', KEYS[5], key, key)
  if #found == 0 then return end
  local fields = found[1][2]
  for _, field in ipairs({'l', mine, 'n', attempt, 'x', reason, 'd', now}) do fields[#fields + 1] = field end
  redis.call('XADD', KEYS[8], '*', unpack(fields))
end
local results = {}
for at = 5, #ARGV, 7 do
  local kind, key, attempt, shares, subject, delay, reason = unpack(ARGV, at, at + 6)
  local held = holds(key, attempt)
  if held and kind == 'retry' then
    announce(source, mine, now + delay)
    redis.call('ZADD', KEYS[1], now + delay, key)
  elseif held then
    if kind == 'dead' then bury(key, attempt, reason) end
    if subject ~= '' then advance(key, subject) end
    leave(key, tonumber(shares))
  end
  results[#results + 1] = held and 1 or 0
end
return results`;

/**
 * Makes dead letters claimable again, as new entries of the same event that are owed to their destination alone.
 * KEYS  entries, dead, and where there is an index: ready, bell
 * ARGV  source or '' (no index), keys of dead letters
 * gives how many there were
 */
export const requeueScript = `#!lua${announceScript}
local count = 0
for at = 2, #ARGV do
  local key = ARGV[at]
  local found = redis.call('XRANGE', KEYS[2], key, key)
  if #found > 0 then
    local fields = found[1][2]
    announce(ARGV[1], fields[10], 0)
    fields[6] = '\\n' .. fields[10] .. '\\n'
    redis.call('XADD', KEYS[1], '*', unpack(fields, 1, 8))
    redis.call('XDEL', KEYS[2], key)
    count = count + 1
  end
end
return count`;

/**
 * Owes entries that are done anew, as new entries.
 * KEYS  entries, done, and where there is an index: ready, bell
 * ARGV  source or '' (no index), owed, keys of entries that are done
 * gives how many there were
 */
export const replayScript = `#!lua${announceScript}
local count = 0
for at = 3, #ARGV do
  local found = redis.call('XRANGE', KEYS[2], ARGV[at], ARGV[at])
  if #found > 0 then
    local fields = found[1][2]
    announce(ARGV[1], ARGV[2], 0)
    fields[6] = ARGV[2]
    redis.call('XADD', KEYS[1], '*', unpack(fields))
    redis.call('XDEL', KEYS[2], ARGV[at])
    count = count + 1
  end
end
return count`;
