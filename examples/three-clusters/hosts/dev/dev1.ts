import { mini } from "../_mini";

/** The only voter. Dev is torn down and set up again, so nothing is lost with it. */
export default mini("dev", "192.168.10.21", true);
