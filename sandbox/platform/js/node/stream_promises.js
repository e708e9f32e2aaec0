// @ts-check
/** `node:stream/promises` (https://nodejs.org/docs/latest-v20.x/api/stream.html#streams-promises-api). */

import { finishedPromise } from './stream_finished.js';
import { pipelinePromise } from './stream_pipeline.js';

export { finishedPromise as finished, pipelinePromise as pipeline };
export default { finished: finishedPromise, pipeline: pipelinePromise };
