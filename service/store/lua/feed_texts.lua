#!lua
-- Make of a feed whose stream holds the changes themselves, as that of 0.1.0 did, one that has them in a hash: in the
-- stream, what was deleted stays until all that stood beside it is gone.
--
-- KEYS   feed, its texts
-- Reply  how many changes were moved
local feed, texts = unpack(KEYS)
local entries = redis.call('XRANGE', feed, '-', '+')
local moved = 0
redis.call('DEL', feed)
for _, entry in ipairs(entries) do
  local id, fields = entry[1], entry[2]
  if fields[3] == 'change' then
    moved = moved + 1
    redis.call('HSET', texts, string.match(id, '^%d+'), fields[4])
  end
  redis.call('XADD', feed, id, '', '')
end
return moved
