import { channelContract } from '../../support/contracts/channel-contract.ts';
import { laneKind, plainKind, tlsKind } from '../../support/contracts/channel-kinds.ts';

channelContract('a lane', laneKind);
channelContract('a plain socket', plainKind);
channelContract('a TLS socket', tlsKind);
