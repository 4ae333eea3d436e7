import { registerHooks } from 'node:module';

const CONTRACT = 'fairlead/plugin';
let isOffered = false;

/**
 * From now on `fairlead/plugin` is this gateway's own contract for every package. Node would look for a package
 * `fairlead` above the importing file: a clone and the image have none there, a linked package lies elsewhere, and
 * another copy would be another version.
 */
export function offerContract(): void {
  if (isOffered) return;
  isOffered = true;
  const own = import.meta.resolve(CONTRACT);
  registerHooks({
    resolve: (specifier, context, next) => next(specifier === CONTRACT ? own : specifier, context),
  });
}
