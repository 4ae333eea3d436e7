import { ClusterRedis } from './redis-cluster.ts';
import type { RedisLink, RedisLinkOptions } from './redis-link.ts';
import { SentinelRedis } from './redis-sentinel.ts';
import { SingleRedis } from './redis-single.ts';

/** The link for each kind of place. */
export function openRedis(options: RedisLinkOptions): RedisLink {
  const { place } = options;
  switch (place.kind) {
    case 'single':
      return new SingleRedis({ ...options, url: place.url });
    case 'cluster':
      return new ClusterRedis(options, place);
    case 'sentinel':
      return new SentinelRedis(options, place);
  }
}
