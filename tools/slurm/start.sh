#!/bin/bash
# Starts a Slurm of one machine, for tests: tools/slurm/start.sh, as root, with Debian's packages slurm-wlm and munge.
# If a controller answers already, whoever started it, nothing is done. "start.sh stop" ends what this script started.
set -euo pipefail

# Where Debian's Slurm looks for it, so that the commands need no variable.
conf=/etc/slurm/slurm.conf
state=/var/lib/noiseprobe-slurm
mark="# Written by noiseprobe's tools/slurm/start.sh"

# answers: the controller's "is UP", within a few seconds; without one scontrol would try for minutes.
answers() { timeout 5 scontrol ping 2>/dev/null | grep -q 'is UP'; }

stop() {
	local name pid try
	for name in slurmd slurmctld munged; do
		pid=$(cat "$state/$name.pid" 2>/dev/null) || continue
		for try in {1..50}; do
			# A number that another program has by now is not killed.
			[[ $(cat "/proc/$pid/comm" 2>/dev/null) == "$name" ]] || break
			kill "$pid" || true # it may have ended since
			sleep 0.2
		done
		rm -f "$state/$name.pid"
	done
}

configure() {
	if [[ -e $conf ]] && ! grep -q "^$mark" "$conf"; then
		echo "$conf is there and not of this script: it stays" >&2
		exit 1
	fi
	# Jobs of an earlier start are forgotten.
	rm -rf "$state/controller" "$state/node"
	mkdir -p /etc/slurm "$state/controller" "$state/node"
	# proctrack/linuxproc and task/none ask for no cgroups, which a container may lack. Without cred_expire a requeued
	# job waits for two minutes. SlurmUser=root needs no user for the daemons. The tests give jobs to a cluster of this name alone.
	cat >"$conf" <<-END
		$mark
		ClusterName=noiseprobe
		SlurmctldHost=$(hostname -s)(127.0.0.1)
		SlurmUser=root
		AuthType=auth/munge
		AuthInfo=socket=$state/munge.socket,cred_expire=5
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		SelectType=select/cons_tres
		SelectTypeParameters=CR_CPU
		SchedulerParameters=sched_interval=1,batch_sched_delay=0
		AccountingStorageType=accounting_storage/none
		JobAcctGatherType=jobacct_gather/none
		JobRequeue=1
		KillWait=10
		MinJobAge=600
		ReturnToService=2
		StateSaveLocation=$state/controller
		SlurmdSpoolDir=$state/node
		SlurmctldPidFile=$state/slurmctld.pid
		SlurmdPidFile=$state/slurmd.pid
		SlurmctldLogFile=$state/slurmctld.log
		SlurmdLogFile=$state/slurmd.log
		NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
		PreemptType=preempt/partition_prio
		PreemptMode=REQUEUE
		PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
		PartitionName=urgent Nodes=ALL PriorityTier=2 MaxTime=INFINITE State=UP
	END
}

# The daemons must share a key, but with nobody else.
key() {
	if [[ ! -s $state/munge.key ]]; then
		(umask 077 && dd if=/dev/urandom of="$state/munge.key" bs=1024 count=1 status=none)
	fi
}

# up COMMAND: tries it until it succeeds, for 30 seconds.
up() {
	local try
	for try in {1..60}; do
		"$@" && return
		sleep 0.5
	done
	return 1
}

idle() { sinfo -h -o %T 2>/dev/null | grep -Eq '^(idle|mixed|allocated)$'; }

if [[ $EUID != 0 ]]; then
	echo "needs root" >&2
	exit 1
fi
if [[ ${1:-} == stop ]]; then
	stop
	exit
fi
if answers; then
	echo "slurm runs already"
	exit
fi
trap 'status=$?; [[ $status == 0 ]] || echo "slurm does not come up; see $state/*.log" >&2' EXIT
stop
configure
key
# munged will not use files of others' directories unless it is forced: the owner here is root.
munged --force --key-file="$state/munge.key" --socket="$state/munge.socket" --pid-file="$state/munged.pid" \
	--log-file="$state/munged.log" --seed-file="$state/munge.seed"
slurmctld
up answers
slurmd
up idle
echo "slurm $(sinfo --version | cut -d' ' -f2) runs, with the partition test"
