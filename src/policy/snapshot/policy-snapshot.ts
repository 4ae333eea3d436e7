import type { CertificateTerm } from '../../core/certificate-term.ts';
import type { GatewayPolicy } from './gateway.ts';
import type { TenantLimits } from './limits.ts';
import type { NetworkPolicy } from './network.ts';
import type { ProviderPolicy } from './provider.ts';
import type { RouteTable } from './route-table.ts';
import type { ServicePolicy } from './service.ts';
import type { TenantsPolicy } from './tenants.ts';
import type { PolicyTest } from './tests.ts';

/** The whole policy. A request takes one snapshot and never reads another. */
export interface PolicySnapshot {
  /** Counts successful loads of this process, from 1. */
  readonly generation: number;
  /** SHA-256 of all files of the set, hex. */
  readonly hash: string;
  /** Absolute path of the directory of the set. */
  readonly directory: string;
  /** Of all certificates that the set names, in the order of the set. */
  readonly certificateTerms: readonly CertificateTerm[];
  readonly gateway: GatewayPolicy;
  readonly network: NetworkPolicy | undefined;
  readonly services: ReadonlyMap<string, ServicePolicy>;
  readonly providers: ReadonlyMap<string, ProviderPolicy>;
  readonly tenants: TenantsPolicy | undefined;
  readonly tiers: ReadonlyMap<string, TenantLimits>;
  readonly routes: RouteTable;
  /** For `fairlead test`; no request is judged by them. */
  readonly tests: readonly PolicyTest[];
}
