/**
 * The section that a router puts ahead of every message it sends on an edge connection (recorded from
 * router A): descriptor `SKPR--RA`, flags 0, no override, ingress `0/A`, trace [`0/A`].
 */
export const ROUTER_ANNOTATIONS: Buffer = Buffer.from(
  '0080534b50522d2d5241d000000019000000044340a103302f41d00000000900000001a103302f41',
  'hex',
);
