import { clockScript } from "../redis/clock-script.ts";
import { consumerPrefix, dead, fieldsOf, waiting } from "./stream-scripts.ts";

const evenWhenFull = "#!lua flags=allow-oom\n";

/**
 * Gives the one consumer that leads its group entries: those due again, those it names, new ones.
 * KEYS  stream, due, leader
 * ARGV  group, consumer, lease ms, limit, 1 for new ones as well, then of each named: id, 1 when nobody has begun with it
 * gives 0 to whoever does not lead; else 1, the stream's last id, and entries due, named, new: id, attempt, fields; without
 * attempt and fields where somebody has deleted the entry
 */
export const leadScript = `${evenWhenFull}${fieldsOf}${clockScript}
local key, group, me = KEYS[1], ARGV[1], ARGV[2]
local leader = redis.call('GET', KEYS[3])
if leader and leader ~= me then return {0} end
redis.call('SET', KEYS[3], me, 'PX', ARGV[3])
local function claim(id, isNew)
  local entry
  if isNew then entry = redis.call('XCLAIM', key, group, me, 0, id, 'RETRYCOUNT', 1)[1]
  else entry = redis.call('XCLAIM', key, group, me, 0, id)[1] end
  if not entry then return {id} end
  return {id, redis.call('XPENDING', key, group, id, id, 1)[1][4], entry[2]}
end
local due, named, fresh = {}, {}, {}
local free = ARGV[4] - (#ARGV - 5) / 2
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', clock(), 'LIMIT', 0, free)) do
  due[#due + 1] = claim(id, false)
  redis.call('ZREM', KEYS[2], id)
end
for index = 6, #ARGV, 2 do named[#named + 1] = claim(ARGV[index], ARGV[index + 1] == '1') end
free = free - #due
if ARGV[5] == '1' and free > 0 then
  local read = redis.call('XREADGROUP', 'GROUP', group, me, 'COUNT', free, 'STREAMS', key, '>')
  if read then
    for _, entry in ipairs(read[1][2]) do fresh[#fresh + 1] = {entry[1], 1, entry[2]} end
  end
end
return {1, fieldsOf(redis.call('XINFO', 'STREAM', key))['last-generated-id'], due, named, fresh}`;

/**
 * Begins or goes on to lead, and gives the leader what others held, whose names are forgotten then.
 * KEYS  stream, leader
 * ARGV  group, consumer, lease ms
 * gives 0 to whoever does not lead, 1 when there is more, 2 when that was all
 */
export const inheritScript = `${evenWhenFull}${fieldsOf}
local key, group, me = KEYS[1], ARGV[1], ARGV[2]
local leader = redis.call('GET', KEYS[2])
if leader and leader ~= me then return 0 end
redis.call('SET', KEYS[2], me, 'PX', ARGV[3])
for _, reply in ipairs(redis.call('XINFO', 'CONSUMERS', key, group)) do
  local consumer = fieldsOf(reply)
  local name = consumer['name']
  if name ~= me and name ~= '${waiting}' and name ~= '${dead}' then
    local pending = redis.call('XPENDING', key, group, '-', '+', 1000, name)
    for _, entry in ipairs(pending) do redis.call('XCLAIM', key, group, me, 0, entry[1], 'JUSTID') end
    if #pending > 0 then return 1 end
    if name:sub(1, ${consumerPrefix.length}) == '${consumerPrefix}' then redis.call('XGROUP', 'DELCONSUMER', key, group, name) end
  end
end
return 2`;

/**
 * KEYS  stream
 * ARGV  group, id to begin after or '-', limit
 * gives per entry that is pending and no dead letter: id, 1 when it waits for its next attempt, fields; of dead letters the id
 */
export const pendingScript = `${evenWhenFull}
local entries = {}
local from = ARGV[2] == '-' and '-' or '(' .. ARGV[2]
for _, pending in ipairs(redis.call('XPENDING', KEYS[1], ARGV[1], from, '+', ARGV[3])) do
  local id, name = pending[1], pending[2]
  local entry = name ~= '${dead}' and redis.call('XRANGE', KEYS[1], id, id)[1]
  entries[#entries + 1] = entry and {id, name == '${waiting}' and 1 or 0, entry[2]} or {id}
end
return entries`;

/**
 * Leads on.
 * KEYS  leader
 * ARGV  consumer, lease ms
 */
export const leadOnScript = `${evenWhenFull}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;

/**
 * Leads no more.
 * KEYS  leader
 * ARGV  consumer
 */
export const resignScript = `${evenWhenFull}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;
