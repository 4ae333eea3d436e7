import type { AddressList } from '../../core/address-list.ts';

/** Which clients may come in here, by address. All rules that apply must let a client in. */
export interface AddressRule {
  /** Where it is written: `routes.web.from`. */
  readonly name: string;
  /** Undefined: every address. */
  readonly allow: AddressList | undefined;
  /** Goes before `allow`. */
  readonly deny: AddressList | undefined;
}
