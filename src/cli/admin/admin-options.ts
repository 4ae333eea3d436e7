import { Option } from 'commander';

/** `--admin`: where the gateway is asked, instead of the address in the policy. */
export function adminAddressOption(): Option {
  return new Option(
    '--admin <address:port>',
    'admin address of the gateway, or its URL (default: gateway.admin.listen in the policy)',
  ).env('FAIRLEAD_ADMIN');
}

/** `--token-file`: what the admin listener asks of strangers. */
export function tokenFileOption(): Option {
  return new Option('--token-file <file>', 'file with a token of gateway.admin.auth').env(
    'FAIRLEAD_TOKEN_FILE',
  );
}
