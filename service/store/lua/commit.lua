#!lua
-- Commit what a replay changed, only over the checkpoint that it started from.
--
-- KEYS   state, log, dirty, parked, ladder
-- ARGV   checkpoint started from ('' for none), new checkpoint, its version, the version up to which the log was read,
--        '1' if the lifter is parked, the lifter's name in sets, number of fields to remove, number of rungs to change;
--        then those fields; then slot, rung, slot, rung, ... ('' drops one); then field, value, field, value, ...
-- Reply  0 if another commit came first, or the log that was read is no more, and nothing was written; else 1
local state, log, dirty, parked, ladder = unpack(KEYS)
local expected, checkpoint, version, read, is_parked, lifter, removed, rungs = unpack(ARGV, 1, 8)

if (redis.call('HGET', state, 'checkpoint') or '') ~= expected then
  return 0
end
-- A log only ever grows, but an erasure ends it: what was read before that must not come back as a projection.
local head = redis.call('XLEN', log)
if head == 0 or tonumber(read) > head then
  return 0
end
local reached_head = tonumber(read) == head

for i = 9, 8 + removed do
  redis.call('HDEL', state, ARGV[i])
end
local fields = 9 + removed + 2 * rungs
for i = 9 + removed, fields - 1, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', ladder, ARGV[i])
  else
    redis.call('HSET', ladder, ARGV[i], ARGV[i + 1])
  end
end
for i = fields, #ARGV, 2 do
  redis.call('HSET', state, ARGV[i], ARGV[i + 1])
end
redis.call('HSET', state, 'checkpoint', checkpoint, 'version', version)
if is_parked == '1' then
  redis.call('SADD', parked, lifter)
else
  redis.call('SREM', parked, lifter)
end
if reached_head then
  redis.call('ZREM', dirty, lifter)
end
return 1
