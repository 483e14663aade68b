/** Lua: `clock()` gives the time of Redis in Unix milliseconds, by which all of its clients can go. */
export const clockScript = `
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end`;
