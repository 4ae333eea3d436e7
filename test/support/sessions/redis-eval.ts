import type { TestRedis } from './redis.ts';

export interface Evaluation {
  /** Reads KEYS and ARGV, and calls what `FAKE` has. */
  readonly lua: string;
  readonly values: readonly string[];
  /** Microseconds at which it runs, one after the other. */
  readonly moments: readonly number[];
}

/** Redis' commands over a table, at a time that is set. A key is there until its end, that moment included, as in Redis. */
const FAKE = `
local now, data, ends = 0, {}, {}
local function there(key)
  if ends[key] and now > ends[key] then data[key], ends[key] = nil, nil end
  return data[key]
end
local commands = {
  TIME = function() return {math.floor(now / 1000000), now % 1000000} end,
  GET = function(key) return there(key) or false end,
  DEL = function(key) data[key], ends[key] = nil, nil end,
  INCRBY = function(key, change)
    data[key] = string.format('%.0f', tonumber(there(key) or '0') + change)
    return tonumber(data[key])
  end,
  PTTL = function(key)
    if not there(key) then return -2 end
    return ends[key] and math.floor((ends[key] - now) / 1000) or -1
  end,
  EXPIRE = function(key, seconds) ends[key] = now + seconds * 1000000 end,
  SET = function(key, value, _, ms) data[key], ends[key] = value, now + ms * 1000 end,
}
local redis = { call = function(name, ...) return commands[name](...) end }`;

/** The first number of each answer. */
export async function evalIn(redis: TestRedis, { lua, values, moments }: Evaluation) {
  const program = `${FAKE}
local function run(KEYS, ARGV) ${lua} end
local values, found = {}, {}
for i = 1, ${values.length} do values[i] = ARGV[i] end
for i = ${values.length + 1}, #ARGV do
  now = tonumber(ARGV[i])
  found[#found + 1] = run({'a', 'b'}, values)[1]
end
return found`;
  const said = await redis.command('EVAL', program, '0', ...values, ...moments.map(String));
  return said.trim().split('\n').map(Number);
}
