import { CONNECTIONS_KINDS } from '../../support/contracts/connections/connections-under-test.ts';
import { serviceConnectionsContract } from '../../support/contracts/service-connections-contract.ts';

for (const kind of CONNECTIONS_KINDS) serviceConnectionsContract(kind);
