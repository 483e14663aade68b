/**
 * The key layout, written once. All keys of a source share a hash slot (`{source}`), so that a script may use them
 * together in a cluster.
 */
export function inboxKeys(prefix: string, source: string) {
  const base = `${prefix}:{${source}}:`;
  return {
    /** stream: the entries not settled; its ids are the entries' keys. Fields `i t h r b`: id, type, headers, received, body. */
    entries: `${base}entries`,
    /** string: the last entry that was claimed for the first time. */
    cursor: `${base}cursor`,
    /** sorted set: key of a claimed entry -> ms from which it may be claimed again. A lease and a retry are the same thing. */
    due: `${base}due`,
    /** hash: key -> claims after the first. */
    reclaims: `${base}reclaims`,
    /** hash: key -> JSON list of the destinations that confirmed. */
    confirmed: `${base}confirmed`,
    /** stream: dead letters; an entry's fields, then `c n x d`: confirmed, attempts, reason, buried. */
    dead: `${base}dead`,
    /** sets of integers: ids that came in one period (a dedupe time long), by their digest. */
    seen: (period: number, bucket: number) => `${base}seen:${period}:${bucket}`,
  };
}

export type InboxKeys = ReturnType<typeof inboxKeys>;

/** What takes entries out must also run at `maxmemory`: it is what makes room again. */
const evenWhenFull = "#!lua flags=allow-oom";

/**
 * Leases due entries: half from those claimed before (retries, ended leases), so that neither starves the other.
 * KEYS  entries, cursor, due, reclaims, confirmed
 * ARGV  now ms, lease ms, limit
 * gives the cursor, then per entry: key, attempt, confirmed, fields
 */
export const claimScript = `${evenWhenFull}
local now, lease, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local cursor = redis.call('GET', KEYS[2])
local claimed = {}
local function again(count)
  for _, key in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', now, 'LIMIT', 0, count)) do
    local found = redis.call('XRANGE', KEYS[1], key, key)
    if #found == 0 then
      redis.call('ZREM', KEYS[3], key)
      redis.call('HDEL', KEYS[4], key)
      redis.call('HDEL', KEYS[5], key)
    else
      redis.call('ZADD', KEYS[3], now + lease, key)
      local attempt = redis.call('HINCRBY', KEYS[4], key, 1) + 1
      claimed[#claimed + 1] = {key, attempt, redis.call('HGET', KEYS[5], key) or '[]', found[1][2]}
    end
  end
end
again(math.ceil(limit / 2))
if #claimed < limit then
  local fresh = redis.call('XRANGE', KEYS[1], cursor and '(' .. cursor or '-', '+', 'COUNT', limit - #claimed)
  for _, entry in ipairs(fresh) do
    redis.call('ZADD', KEYS[3], now + lease, entry[1])
    claimed[#claimed + 1] = {entry[1], 1, redis.call('HGET', KEYS[5], entry[1]) or '[]', entry[2]}
  end
  if #fresh > 0 then
    cursor = fresh[#fresh][1]
    redis.call('SET', KEYS[2], cursor)
  end
end
if #claimed < limit then again(limit - #claimed) end
return {cursor or '0', claimed}`;

/** Whether the claim of `key` under `attempt` still holds; part of the scripts below. */
const fence = `${evenWhenFull}
local function holds(key, attempt)
  if not redis.call('ZSCORE', KEYS[1], key) then return false end
  return tonumber(redis.call('HGET', KEYS[2], key) or '0') + 1 == tonumber(attempt)
end`;

/**
 * Extends leases.
 * KEYS  due, reclaims
 * ARGV  lease end ms, then per claim: key, attempt
 * gives per claim 1 held, 0 lost
 */
export const renewScript = `${fence}
local results = {}
for at = 2, #ARGV, 2 do
  local held = holds(ARGV[at], ARGV[at + 1])
  if held then redis.call('ZADD', KEYS[1], ARGV[1], ARGV[at]) end
  results[#results + 1] = held and 1 or 0
end
return results`;

/**
 * Records what became of claims.
 * KEYS  due, reclaims, confirmed, entries, dead
 * ARGV  per settlement: kind, key, attempt, confirmed, ms (retry: due at; dead: now), reason
 * gives per settlement 1 recorded, 0 claim lost
 */
export const settleScript = `${fence}
local function remove(key)
  redis.call('XDEL', KEYS[4], key)
  redis.call('ZREM', KEYS[1], key)
  redis.call('HDEL', KEYS[2], key)
  redis.call('HDEL', KEYS[3], key)
end
local function bury(key, attempt, confirmed, now, reason)
  local found = redis.call('XRANGE', KEYS[4], key, key)
  if #found == 0 then return end
  local fields = found[1][2]
  for _, field in ipairs({'c', confirmed, 'n', attempt, 'x', reason, 'd', now}) do fields[#fields + 1] = field end
  redis.call('XADD', KEYS[5], '*', unpack(fields))
end
local results = {}
for at = 1, #ARGV, 6 do
  local kind, key, attempt, confirmed, ms, reason = unpack(ARGV, at, at + 5)
  local held = holds(key, attempt)
  if held and kind == 'retry' then
    redis.call('ZADD', KEYS[1], ms, key)
    if confirmed ~= '[]' then redis.call('HSET', KEYS[3], key, confirmed) end
  elseif held then
    if kind == 'dead' then bury(key, attempt, confirmed, ms, reason) end
    remove(key)
  end
  results[#results + 1] = held and 1 or 0
end
return results`;

/**
 * Makes dead letters claimable again, as new entries of the same event.
 * KEYS  entries, dead, confirmed
 * ARGV  keys of dead letters
 * gives how many there were
 */
export const requeueScript = `#!lua
local count = 0
for _, key in ipairs(ARGV) do
  local found = redis.call('XRANGE', KEYS[2], key, key)
  if #found > 0 then
    local fields = found[1][2]
    local fresh = redis.call('XADD', KEYS[1], '*', unpack(fields, 1, 10))
    if fields[12] ~= '[]' then redis.call('HSET', KEYS[3], fresh, fields[12]) end
    redis.call('XDEL', KEYS[2], key)
    count = count + 1
  end
end
return count`;
