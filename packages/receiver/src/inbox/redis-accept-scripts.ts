import { announceScript } from "./redis-index.ts";

/** How the scripts read an event: six texts, each behind its length, and where the next event begins. */
const form = `'>${"I4c0".repeat(6)}'`;

const start = `#!lua${announceScript}
local events = math.floor((#KEYS - 1) / 3)`;

/**
 * Deduplicates and enqueues. An id is an integer in a set of its period (as long as ids are remembered), and known when
 * the set of this period, of the one before or of the one after has it: another process's clock may be ahead. The sets
 * are the compact kind that Redis keeps sorted numbers in; each ends with the period after its own.
 *
 * The event goes before its id (see `redis-scripts.ts`), and what announces it before the event.
 *
 * All keys are declared, although a script could make them up: while their slot moves to another node of a cluster,
 * Redis then refuses the whole script instead of failing in the middle of it.
 *
 * KEYS  entries, then per event the sets of this period, of the one before, of the one after, and where there is an index:
 *       ready, bell
 * ARGV  high-water mark, replicas demanded, source or '' (no index), and all events in one (see `packTexts`): forget-at ms of this period, digest,
 *       meta, body, owed, subject
 * gives per event 1 accepted, 0 duplicate, 2 full
 */
const accept = `
local waiting, results, repeated, at, told = redis.call('XLEN', KEYS[1]), {}, nil, 1, nil
for n = 1, events do
  local set, found = n * 3 - 1, nil
  local forgetAt, digest, meta, body, owed, subject, following = struct.unpack(${form}, ARGV[4], at)
  at = following
  for other = set, set + 2 do
    if redis.call('SISMEMBER', KEYS[other], digest) == 1 then found = KEYS[other] end
  end
  if found then
    results[n], repeated = 0, found
  elseif waiting >= mark then
    results[n] = 2
  else
    if owed ~= told then announce(ARGV[3], owed, 0) end
    told = owed
    redis.call('XADD', KEYS[1], '*', 'm', meta, 'b', body, 'o', owed, 's', subject)
    redis.call('SADD', KEYS[set], digest)
    redis.call('PEXPIREAT', KEYS[set], forgetAt, 'NX')
    waiting = waiting + 1
    results[n] = 1
  end
end
if repeated and ARGV[2] ~= '0' then
  redis.call('PEXPIREAT', repeated, redis.call('PEXPIRETIME', repeated))
end
return results`;

/**
 * Where replicas are demanded, a duplicate is written to (its set's end, to what it was): `WAIT` covers only what its
 * own connection wrote, and the event may have come over another one and be on no replica yet.
 */
export const acceptScript = `${start}
local mark = tonumber(ARGV[1])${accept}`;

/** As `acceptScript`, all or nothing: `2` alone when a source at its high-water mark is given something new. */
export const acceptBatchScript = `${start}
local mark = math.huge
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then
  local at = 1
  for n = 1, events do
    local _, digest, _, _, _, _, following = struct.unpack(${form}, ARGV[4], at)
    at = following
    local known = 0
    for set = n * 3 - 1, n * 3 + 1 do known = known + redis.call('SISMEMBER', KEYS[set], digest) end
    if known == 0 then return {2} end
  end
end${accept}`;
