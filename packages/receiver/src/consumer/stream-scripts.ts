import { clockScript } from "../redis/clock-script.ts";

/*
 * As in the inbox (`inbox/redis-scripts.ts`), what gives an entry is written before what takes it away: a part of it that
 * is left in a log cut off loses nothing.
 */

/** All keys of a stream share its hash slot, so that a script may use them together in a cluster. */
export function streamKeys(stream: string, group: string) {
  const tagged = /\{[^}]+\}/.test(stream) ? stream : `{${stream}}`;
  return {
    stream,
    /** sorted set: id of an entry that waits for its next attempt -> ms from which it is due. */
    due: `${tagged}:${group}:due`,
    /** hash: id of a dead letter -> JSON of `{ reason, attempts, buriedAtMs }`. */
    dead: `${tagged}:${group}:dead`,
    /** string: the one consumer of a group with an order that takes entries. */
    leader: `${tagged}:${group}:leader`,
  };
}

/**
 * In the group's list of pending entries these two stand for entries that nobody handles at the moment: what waits for its
 * next attempt, and dead letters. Being pending keeps an entry in the stream.
 */
export const waiting = "hooks:waiting";
export const dead = "hooks:dead";

/** What the names of consumers begin with: those that are forgotten again when they are long gone. */
export const consumerPrefix = "hooks-";

/** What takes entries out must also run at `maxmemory`: it is what makes room again. */
const evenWhenFull = "#!lua flags=allow-oom\n";

/** An answer of `XINFO` by its names. */
export const fieldsOf = `
local function fieldsOf(reply)
  local fields = {}
  for index = 1, #reply, 2 do fields[reply[index]] = reply[index + 1] end
  return fields
end
`;

/** Whether the claim still holds: the delivery count is the attempt, and the fence. */
const held = `
local function held(key, group, id, consumer, attempt)
  local pending = redis.call('XPENDING', key, group, id, id, 1)[1]
  return pending and pending[2] == consumer and pending[4] == tonumber(attempt)
end
`;

/**
 * Gives a consumer entries: those due again, those of consumers that died, new ones. The first get at most half, so that
 * many failures do not keep out what is new.
 * KEYS  stream, due
 * ARGV  group, consumer, lease ms, limit, 1 to look for what dead consumers held
 * gives the stream's last id, then entries: id, attempt, fields
 */
export const claimScript = `${evenWhenFull}${held}${fieldsOf}${clockScript}
local key, group, me, lease, limit = KEYS[1], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local claimed = {}
local function claim(id, idle)
  local entry = redis.call('XCLAIM', key, group, me, idle, id)[1]
  if not entry then return end
  claimed[#claimed + 1] = {id, redis.call('XPENDING', key, group, id, id, 1)[1][4], entry[2]}
end
local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', clock(), 'LIMIT', 0, math.ceil(limit / 2))
for _, id in ipairs(due) do
  claim(id, 0)
  redis.call('ZREM', KEYS[2], id)
end
if ARGV[5] == '1' then
  for _, reply in ipairs(redis.call('XINFO', 'CONSUMERS', key, group)) do
    local consumer = fieldsOf(reply)
    local name = consumer['name']
    if name ~= '${waiting}' and name ~= '${dead}' then
      if consumer['pending'] > 0 and #claimed < limit then
        local idle = redis.call('XPENDING', key, group, 'IDLE', lease, '-', '+', limit - #claimed, name)
        for _, pending in ipairs(idle) do claim(pending[1], lease) end
      elseif consumer['pending'] == 0 and consumer['idle'] > 3600000 and name:sub(1, ${consumerPrefix.length}) == '${consumerPrefix}' then
        redis.call('XGROUP', 'DELCONSUMER', key, group, name)
      end
    end
  end
end
if #claimed < limit then
  local fresh = redis.call('XREADGROUP', 'GROUP', group, me, 'COUNT', limit - #claimed, 'STREAMS', key, '>')
  if fresh then
    for _, entry in ipairs(fresh[1][2]) do claimed[#claimed + 1] = {entry[1], 1, entry[2]} end
  end
end
return {fieldsOf(redis.call('XINFO', 'STREAM', key))['last-generated-id'], claimed}`;

/** Whether another group of the stream is not through with an entry. */
const isNeeded = `${fieldsOf}
local function before(one, other)
  local ms, count = one:match('(%d+)%-(%d+)')
  local otherMs, otherCount = other:match('(%d+)%-(%d+)')
  if ms ~= otherMs then return tonumber(ms) < tonumber(otherMs) end
  return tonumber(count) < tonumber(otherCount)
end
local function isNeeded(key, group, id)
  for _, reply in ipairs(redis.call('XINFO', 'GROUPS', key)) do
    local other = fieldsOf(reply)
    if other['name'] ~= group then
      if before(other['last-delivered-id'], id) then return true end
      if #redis.call('XPENDING', key, other['name'], id, id, 1) > 0 then return true end
    end
  end
  return false
end
`;

/**
 * KEYS  stream
 * ARGV  group, consumer, id, attempt, 1 to remove the entry if no other group needs it
 * gives 1 when the claim still held
 */
export const doneScript = `${evenWhenFull}${held}${isNeeded}
local key, group, id = KEYS[1], ARGV[1], ARGV[3]
if not held(key, group, id, ARGV[2], ARGV[4]) then return 0 end
if ARGV[5] == '1' and not isNeeded(key, group, id) then redis.call('XDEL', key, id) end
redis.call('XACK', key, group, id)
return 1`;

/**
 * KEYS  stream, due
 * ARGV  group, consumer, id, attempt, ms until it is due
 * gives 1 when the claim still held
 */
export const retryScript = `${evenWhenFull}${held}${clockScript}
if not held(KEYS[1], ARGV[1], ARGV[3], ARGV[2], ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[2], clock() + ARGV[5], ARGV[3])
redis.call('XCLAIM', KEYS[1], ARGV[1], '${waiting}', 0, ARGV[3], 'JUSTID')
return 1`;

/**
 * KEYS  stream, dead
 * ARGV  group, consumer, id, attempt, JSON
 * gives 1 when the claim still held
 */
export const buryScript = `${evenWhenFull}${held}
if not held(KEYS[1], ARGV[1], ARGV[3], ARGV[2], ARGV[4]) then return 0 end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[5])
redis.call('XCLAIM', KEYS[1], ARGV[1], '${dead}', 0, ARGV[3], 'JUSTID')
return 1`;

/**
 * KEYS  stream
 * ARGV  group, consumer, then id and attempt of each
 * gives 1 for each claim that still held
 */
export const renewScript = `${evenWhenFull}${held}
local kept = {}
for index = 3, #ARGV, 2 do
  local still = held(KEYS[1], ARGV[1], ARGV[index], ARGV[2], ARGV[index + 1])
  if still then redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[index], 'JUSTID') end
  kept[#kept + 1] = still and 1 or 0
end
return kept`;

/**
 * KEYS  stream, dead
 * ARGV  group, id to begin after or '-', limit
 * gives per dead letter: id, fields, JSON
 */
export const deadScript = `${evenWhenFull}
local letters = {}
local from = ARGV[2] == '-' and '-' or '(' .. ARGV[2]
for _, pending in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], from, '+', ARGV[3], '${dead}')) do
  local id = pending[1]
  local entry = redis.call('XRANGE', KEYS[1], id, id)[1]
  letters[#letters + 1] = {id, entry and entry[2] or {}, redis.call('HGET', KEYS[2], id) or '{}'}
end
return letters`;

/**
 * KEYS  stream, dead, due
 * ARGV  group, then ids
 * gives how many there were
 */
export const requeueScript = `${evenWhenFull}${clockScript}
local count = 0
for index = 2, #ARGV do
  if redis.call('HEXISTS', KEYS[2], ARGV[index]) == 1 then
    redis.call('ZADD', KEYS[3], clock(), ARGV[index])
    redis.call('XCLAIM', KEYS[1], ARGV[1], '${waiting}', 0, ARGV[index], 'RETRYCOUNT', 0, 'JUSTID')
    redis.call('HDEL', KEYS[2], ARGV[index])
    count = count + 1
  end
end
return count`;

/**
 * KEYS  stream, dead
 * ARGV  group, 1 to remove entries that no other group needs, then ids of dead letters
 * gives how many there were
 */
export const discardScript = `${evenWhenFull}${isNeeded}
local key, group, count = KEYS[1], ARGV[1], 0
for index = 3, #ARGV do
  local id = ARGV[index]
  if redis.call('HEXISTS', KEYS[2], id) == 1 then
    if ARGV[2] == '1' and not isNeeded(key, group, id) then redis.call('XDEL', key, id) end
    redis.call('XACK', key, group, id)
    redis.call('HDEL', KEYS[2], id)
    count = count + 1
  end
end
return count`;

/**
 * Forgets a consumer that holds nothing.
 * KEYS  stream
 * ARGV  group, consumer
 */
export const leaveScript = `${evenWhenFull}
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) > 0 then return 0 end
return redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])`;
