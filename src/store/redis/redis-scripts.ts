/**
 * What Redis must do in one step. One key each, so a cluster can run them; the time of a member's end
 * is Redis' own, so replicas need no common clock.
 */
const NOW = `local t = redis.call('TIME'); local now = t[1] * 1000 + math.floor(t[2] / 1000)`;

export const SCRIPTS = {
  /** expected, value, ttl → 1 when replaced */
  compareAndSet: `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`,
  /** expected → 1 when deleted */
  compareAndDelete: `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`,
  /** ttl → 1 when the key is there */
  extend: `return redis.call('PEXPIRE', KEYS[1], ARGV[1])`,
  /** member, ttl; the set lives as long as its longest member */
  addMember: `${NOW}
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1`,
  /** → members that have not ended */
  members: `${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
return redis.call('ZRANGE', KEYS[1], 0, -1)`,
} as const;
