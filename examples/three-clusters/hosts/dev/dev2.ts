import { mini } from "../_mini";

export default mini("dev", "192.168.10.22");
