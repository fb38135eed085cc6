#!/usr/bin/env bash
# Starts munge and Slurm on this machine alone: cluster.sh FOLDER; prints the process ids to stop
set -eu
D=$1 # for configuration, logs and state
H=$(hostname -s)
mkdir -p $D/state $D/spool $D/munge
head -c 1024 /dev/urandom > $D/munge/key; chmod 400 $D/munge/key; chmod 700 $D/munge
munged --force --key-file=$D/munge/key --socket=$D/munge/socket --pid-file=$D/munge/pid --log-file=$D/munge/log --seed-file=$D/munge/seed
cat > $D/slurm.conf <<C
ClusterName=dualtree
SlurmctldHost=$H(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$D/munge/socket
CredType=cred/munge
StateSaveLocation=$D/state
SlurmdSpoolDir=$D/spool
SlurmctldPidFile=$D/slurmctld.pid
SlurmdPidFile=$D/slurmd.pid
SlurmctldPort=16817
SlurmdPort=16818
SlurmctldLogFile=$D/slurmctld.log
SlurmdLogFile=$D/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
MpiDefault=none
NodeName=$H NodeAddr=127.0.0.1 CPUs=2 RealMemory=2000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
C
SLURM_CONF=$D/slurm.conf slurmctld -f $D/slurm.conf
SLURM_CONF=$D/slurm.conf slurmd -f $D/slurm.conf
