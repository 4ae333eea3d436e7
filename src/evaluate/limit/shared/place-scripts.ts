import { NOW, script } from './scripts.ts';

/** What `PLACES_SCRIPT` does with the members that are its last arguments. */
export type PlaceAction = 'take' | 'renew' | 'leave';

/**
 * Places as a sorted set: a member is a replica and a number of its own, its score the end of its lease by Redis' time, in
 * microseconds. What has ended is nobody's.
 * Arguments: action, lease in milliseconds, places at most (of `take`), members. Answer of `take`: 1 when the member has a
 * place now, and places that are left. A renewed member that had ended, or was forgotten, is back.
 * One script for all: Redis that knows one knows all, so none overtakes another because its text must be sent.
 */
export const PLACES_SCRIPT = script(`${NOW}
local action, lease, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
if action == 'leave' then
  for i = 4, #ARGV do redis.call('ZREM', KEYS[1], ARGV[i]) end
  return
end
local free = 0
if action == 'take' then
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
  free = most - redis.call('ZCARD', KEYS[1])
  if free <= 0 then return {0, 0} end
end
local ends = string.format('%.0f', now + lease * 1000)
for i = 4, #ARGV do redis.call('ZADD', KEYS[1], ends, ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], lease)
return {1, free - 1}`);
