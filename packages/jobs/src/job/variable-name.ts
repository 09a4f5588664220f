import { z } from 'zod';

/** Name of an environment variable. */
export const variableName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    'use letters, digits, and underscores for a variable name, and do not start with a digit',
  );
