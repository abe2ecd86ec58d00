import fleet from "./fleet";

export default fleet.raspberryPi({ site: "madrid", model: 4 });
