/** The smoke test as a worker. The request body has its settings, and the response body the outcome. */
import { type SmokeSetting, smoke } from './program.ts';

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      return Response.json(await smoke((await request.json()) as SmokeSetting));
    } catch (error) {
      return Response.json(String(error), { status: 500 });
    }
  },
};
