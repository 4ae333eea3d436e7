/** How a person called this program, so that what it prints can be pasted: npx names itself in the environment. */
export function calledAs(env: NodeJS.ProcessEnv): 'fairlead' | 'npx fairlead' {
  return env['npm_lifecycle_event'] === 'npx' ? 'npx fairlead' : 'fairlead';
}
