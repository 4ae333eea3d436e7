import { BODY_KINDS } from '../../support/contracts/bodies/body-kinds.ts';
import { bodySourceContract } from '../../support/contracts/body-source-contract.ts';

for (const kind of BODY_KINDS) bodySourceContract(kind);
