%% What the workers of these benches do, in Erlang: processes and nothing else, and
%% children of a supervisor of OTP. See ../README.md.
-module(workers).
-behaviour(supervisor).

-export([main/1, init/1, start_child/2]).
-export([member/1, told_to_exit/1, unlucky/1, stormy/1]).

%% At each restart a supervisor goes through all restarts of its last second or two.
%% With many of them the figures would tell their number and nothing else: so many
%% restarts of a crash loop, or workers of a storm, are the share of one supervisor.
-define(SHARE, 100).

main([Way, Scenario, Units | Seconds]) ->
    %% As `tracing` without a subscriber.
    ok = logger:set_primary_config(level, none),
    scenario(way(Way), Scenario, list_to_integer(Units), Seconds),
    halt(0).

way("process") -> process;
way("supervisor of OTP") -> otp.

scenario(Way, "start and stop", Units, []) ->
    weigh(Units, fun(Workers) -> crew(Way, Workers) end);
scenario(Way, "restart after panic", Units, []) ->
    weigh(Units, fun(Count) -> restarts(Way, Count, panic) end);
scenario(Way, "restart after Err", Units, []) ->
    weigh(Units, fun(Count) -> restarts(Way, Count, err) end);
scenario(Way, "storm", Workers, [Seconds]) ->
    watch(Way, Workers, list_to_integer(Seconds)).

%% Supervisors: the children of each are all the same.

start(Restart, Worker) ->
    {ok, Supervisor} = supervisor:start_link(?MODULE, {Restart, Worker}),
    Supervisor.

%% Restarts at once, and more often than any run here can reach.
init({Restart, Worker}) ->
    Flags = #{strategy => simple_one_for_one, intensity => 1_000_000_000, period => 1},
    Child = #{
        id => worker,
        start => {?MODULE, start_child, [Worker]},
        restart => Restart,
        shutdown => 60_000
    },
    {ok, {Flags, [Child]}}.

start_child(Worker, Argument) ->
    {ok, proc_lib:spawn_link(?MODULE, Worker, [Argument])}.

spawn_children(Supervisor, Arguments) ->
    lists:foreach(
        fun(Argument) -> {ok, _} = supervisor:start_child(Supervisor, [Argument]) end,
        Arguments
    ).

stop(Supervisor) ->
    unlink(Supervisor),
    Monitor = monitor(process, Supervisor),
    exit(Supervisor, shutdown),
    receive
        {'DOWN', Monitor, _, _, _} -> ok
    end.

%% Workers that start, wait until all are up, are told to stop, and are gone.

crew(process, Workers) ->
    Crew = crew_of(Workers),
    Members = [spawn_monitor(?MODULE, member, [Crew]) || _ <- lists:seq(1, Workers)],
    complete(),
    [Pid ! stop || {Pid, _} <- Members],
    [gone(Monitor) || {_, Monitor} <- Members];
crew(otp, Workers) ->
    Crew = crew_of(Workers),
    Supervisor = start(transient, told_to_exit),
    spawn_children(Supervisor, lists:duplicate(Workers, Crew)),
    complete(),
    stop(Supervisor).

crew_of(Workers) ->
    Missing = atomics:new(1, []),
    atomics:put(Missing, 1, Workers),
    {self(), Missing}.

complete() ->
    receive
        complete -> ok
    end.

gone(Monitor) ->
    receive
        {'DOWN', Monitor, _, _, normal} -> ok
    end.

arrived({Main, Missing}) ->
    case atomics:sub_get(Missing, 1, 1) of
        0 -> Main ! complete;
        _ -> ok
    end.

member(Crew) ->
    arrived(Crew),
    receive
        stop -> ok
    end.

%% As a supervisor tells it; not to be killed by that is to ask for it.
told_to_exit(Crew) ->
    process_flag(trap_exit, true),
    arrived(Crew),
    receive
        {'EXIT', _, shutdown} -> exit(shutdown)
    end.

%% One worker that fails as soon as it runs, again and again.

restarts(process, Count, Failure) ->
    respawned(failures(Count, Failure));
restarts(otp, Count, Failure) when Count > ?SHARE ->
    restarts(otp, ?SHARE, Failure),
    restarts(otp, Count - ?SHARE, Failure);
restarts(otp, Count, Failure) ->
    Supervisor = start(transient, unlucky),
    spawn_children(Supervisor, [failures(Count, Failure)]),
    complete(),
    stop(Supervisor).

failures(Count, Failure) ->
    Left = atomics:new(1, []),
    atomics:put(Left, 1, Count),
    {self(), Left, Failure}.

respawned(Failures) ->
    {_, Monitor} = spawn_monitor(?MODULE, unlucky, [Failures]),
    receive
        {'DOWN', Monitor, _, _, normal} -> complete();
        {'DOWN', Monitor, _, _, _} -> respawned(Failures)
    end.

unlucky({Main, Left, Failure}) ->
    case atomics:sub_get(Left, 1, 1) of
        Failures when Failures >= 0 -> fail(Failure);
        _ -> Main ! complete
    end.

%% An exception has the stack where it was raised; an exit has only its reason.
fail(panic) -> error(boom);
fail(err) -> exit(boom).

%% Workers that fail for ever, about a second after they failed before.

storm(process, Workers, Runs) ->
    [spawn(fun() -> sleeping(Runs) end) || _ <- lists:seq(1, Workers)];
storm(otp, Workers, Runs) when Workers > ?SHARE ->
    storm(otp, ?SHARE, Runs),
    storm(otp, Workers - ?SHARE, Runs);
storm(otp, Workers, Runs) ->
    Failed = atomics:new(Workers, []),
    Supervisor = start(permanent, stormy),
    spawn_children(Supervisor, [{Number, Failed, Runs} || Number <- lists:seq(1, Workers)]).

%% It fails not: it is what the timers cost.
sleeping(Runs) ->
    counters:add(Runs, 1, 1),
    timer:sleep(jittered()),
    sleeping(Runs).

%% A supervisor waits for nothing: each waits by itself.
stormy({Number, Failed, Runs}) ->
    case atomics:exchange(Failed, Number, 1) of
        0 -> ok;
        1 -> timer:sleep(jittered())
    end,
    counters:add(Runs, 1, 1),
    error(boom).

%% `rand` would be seeded in each process anew.
jittered() -> 500 + erlang:phash2(make_ref(), 500).

%% Prints what one unit takes: microseconds of the processor, and by how many bytes
%% it raised what the process had in memory at most.
weigh(Units, Scenario) ->
    Few = Units div 10,
    Scenario(Few),
    Before = resident("VmHWM:"),
    Began = processor(),
    Scenario(Units),
    Took = processor() - Began,
    Raised = resident("VmHWM:") - Before,
    io:format("~w ~w~n", [Took / Units, Raised / (Units - Few)]).

%% Prints restarts per second, microseconds of the processor for one, the delay of
%% a tick beside them in milliseconds (median, 99th percentile), and the megabytes
%% in memory.
watch(Way, Workers, Seconds) ->
    Runs = counters:new(1, []),
    Began = processor(),
    storm(Way, Workers, Runs),
    First = erlang:monotonic_time(millisecond),
    Delays = lists:sort(delays(First + Seconds * 1000, [])),
    Count = counters:get(Runs, 1),
    Took = processor() - Began,
    [Half, Most] = [lists:nth(length(Delays) * Percent div 100, Delays) || Percent <- [50, 99]],
    Megabytes = resident("VmRSS:") / 1024 / 1024,
    io:format("~w ~w ~w ~w ~w~n", [Count / Seconds, Took / Count, Half, Most, Megabytes]).

delays(End, Delays) ->
    %% The next whole one may come before its timer is set.
    Due = erlang:monotonic_time(millisecond) + 2,
    Timer = erlang:start_timer(Due, self(), tick, [{abs, true}]),
    receive
        {timeout, Timer, tick} -> ok
    end,
    Late = erlang:monotonic_time(microsecond) - Due * 1000,
    case Due < End of
        true -> delays(End, [Late / 1000 | Delays]);
        false -> [Late / 1000 | Delays]
    end.

%% The microseconds of the processor that this process has taken, by Linux.
processor() ->
    {ok, Threads} = file:list_dir("/proc/self/task"),
    lists:sum([on_processor(Thread) || Thread <- Threads]) / 1000.

on_processor(Thread) ->
    {ok, Told} = file:read_file(["/proc/self/task/", Thread, "/schedstat"]),
    [Nanoseconds | _] = binary:split(Told, <<" ">>),
    binary_to_integer(Nanoseconds).

%% Bytes, by Linux.
resident(Field) ->
    {ok, Status} = file:read_file("/proc/self/status"),
    [_, Line] = string:split(Status, Field),
    {Kilobytes, _} = string:to_integer(string:trim(Line, leading)),
    Kilobytes * 1024.
