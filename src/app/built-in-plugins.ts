import jwt from '../../plugins/jwt/index.ts';
import oidc from '../../plugins/oidc/index.ts';
import type { AuthenticatorPlugin } from '../plugin/host/catalogue.ts';

/** Our own plugins. The one place that names them: `src/plugin` may not import `plugins/`. */
export const BUILT_IN_PLUGINS: readonly AuthenticatorPlugin[] = [jwt, oidc];
