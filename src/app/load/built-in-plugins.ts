import jwt from '../../../plugins/jwt/jwt.ts';
import oidc from '../../../plugins/oidc/oidc.ts';
import type { AuthenticatorPlugin } from '../../plugin/host/host.ts';

/** Our own plugins. The one place that names them: `src/plugin` may not import `plugins/`. */
export const BUILT_IN_PLUGINS: readonly AuthenticatorPlugin[] = [jwt, oidc];
