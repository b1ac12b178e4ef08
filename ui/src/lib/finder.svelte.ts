/** Whether "find anything" is open. */
export const finder = $state({ open: false });
