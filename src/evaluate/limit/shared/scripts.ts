import { createHash } from 'node:crypto';
import type { Script } from './script-runner.ts';

/**
 * The time is Redis' own, in microseconds, so replicas need no common clock. Of a moment that long only
 * `%.0f` keeps every digit.
 */
export const NOW = `local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]`;

/**
 * A window that begins with its first request, and one for the burst beside it.
 * Keys: window, burst. Arguments: change, seconds, most, seconds again (rate-limiter-flexible gives these), burst, its
 * seconds. Answer: tokens used, and milliseconds to the window's end; more than `most` is a refusal.
 * A change of 0 only looks. What is refused is not counted, and a token that is given back goes to the burst first.
 */
export const WINDOW_SCRIPT = script(`
local change, most = tonumber(ARGV[1]), tonumber(ARGV[3])
local burst = tonumber(ARGV[5])
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
local over = burst > 0 and tonumber(redis.call('GET', KEYS[2]) or '0') or 0
local function add(key, change, seconds)
  local count = redis.call('INCRBY', key, change)
  if redis.call('PTTL', key) < 0 then redis.call('EXPIRE', key, seconds) end
  return count
end
if change == 0 then return {used - (burst - over), redis.call('PTTL', KEYS[1])} end
if change < 0 then
  if over > 0 then over = add(KEYS[2], change, ARGV[6])
  elseif used > 0 then used = add(KEYS[1], change, ARGV[2]) end
elseif used + change <= most then used = add(KEYS[1], change, ARGV[2])
elseif over + change <= burst then over = add(KEYS[2], change, ARGV[6])
else return {most + 1, redis.call('PTTL', KEYS[1])} end
return {used - (burst - over), redis.call('PTTL', KEYS[1])}`);

/**
 * The generic cell rate algorithm (ITU-T I.371), as core/token-bucket.ts has it in memory: the key holds the moment at
 * which the bucket is full. Arguments: change, microseconds a token, tokens of a full bucket.
 * Answer: 1 when admitted, whole tokens left, milliseconds until there are enough.
 */
export const STRICT_SCRIPT = script(`${NOW}
local change, interval, capacity = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + change * interval
local wait = full - now - capacity * interval
if change > 0 and wait > interval / 1000 then return {0, 0, math.ceil(wait / 1000)} end
if full > now then
  redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
else redis.call('DEL', KEYS[1]) end
return {1, math.floor(capacity - math.max(0, full - now) / interval + 0.001), 0}`);

export function script(lua: string): Script {
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}
