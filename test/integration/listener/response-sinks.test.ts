import { responseSinkContract } from '../../support/contracts/response-sink-contract.ts';
import { SINK_KINDS } from '../../support/contracts/sinks/sink-kinds.ts';

for (const kind of SINK_KINDS) responseSinkContract(kind);
