import type { EndpointRequest } from 'fairlead/plugin';
import { markup, pageResponse } from 'fairlead/plugin/kit';

/** After a login whose way back was too long for it, or led where nobody may be sent. */
export function wayLostPage(request: EndpointRequest): Response {
  return pageResponse(request, {
    status: 200,
    title: 'You are signed in',
    content: markup`<p>The address that you opened was lost while you signed in. Open it again: you are signed in now.</p>
<p class="acts"><a class="button" href="/">Go to the start page</a></p>`,
  });
}
