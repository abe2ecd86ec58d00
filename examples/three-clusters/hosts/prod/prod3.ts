import { mini } from "../_mini";

/** The third voter: two would stop as soon as either of them does. */
export default mini("prod", "192.168.10.13", true);
