import { serve } from './background.ts';
import { emitTypes } from './emit-types.ts';
import type { Document } from './openapi.ts';

serve(async (view: Document) => emitTypes(view));
