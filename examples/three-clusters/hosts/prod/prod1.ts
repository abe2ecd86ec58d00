import { mini } from "../_mini";

export default mini("prod", "192.168.10.11", true);
