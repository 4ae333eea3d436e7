// Loaded before the gateway (`node --import`), so that its own process tells its processor time. The channel
// keeps nothing alive: the gateway starts, serves and stops as it does without.
import { answerRequests } from '../answer-requests.ts';

answerRequests({});
process.channel?.unref();
